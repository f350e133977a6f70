"""How the providers prove that a call is theirs."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SUBSCRIPTION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_LIFETIME = timedelta(days=36_500)  # time is moved by years here


def mailgun_signature(key: str, timestamp: str, token: str) -> str:
    """Mailgun: over time and token, not over the event."""
    return hmac.new(key.encode(), (timestamp + token).encode(), hashlib.sha256).hexdigest()


def twilio_signature(token: str, url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Twilio: over the public address and all form parameters, also the empty ones."""
    signed = url + "".join(name + value for name, value in sorted(set(parameters)))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def sns_string_to_sign(message: Mapping[str, str]) -> str:
    """Amazon SNS: some fields in a fixed order, which depends on the type."""
    names = _NOTIFICATION if message["Type"] == "Notification" else _SUBSCRIPTION
    return "".join(f"{name}\n{message[name]}\n" for name in names if name in message)


class SnsSigner:
    """A key pair of our own in the place of Amazon's, made anew at every start."""

    def __init__(self, now: datetime) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.localhost")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + _LIFETIME)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)
        self.file_name = f"SimpleNotificationService-{hashlib.md5(self.pem, usedforsecurity=False).hexdigest()}.pem"

    def sign(self, message: Mapping[str, str]) -> str:
        """The signature of version 2."""
        signed = sns_string_to_sign(message).encode()
        return base64.b64encode(self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256())).decode()
