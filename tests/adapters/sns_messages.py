"""SNS messages, signed by a key of our own in the place of Amazon's."""

import base64
import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from chalicelib.adapters.webhooks._sns import string_to_sign
from chalicelib.domain.errors import TryAgainError
from tests.adapters.provider_builders import NOW

ORIGIN = "https://sns.eu-central-2.amazonaws.com"
TOPIC = "arn:aws:sns:eu-central-2:123456789012:mail-events"
CERTIFICATE_URL = f"{ORIGIN}/SimpleNotificationService-0123456789abcdef.pem"
SUBSCRIBE_URL = f"{ORIGIN}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc"


@cache
def key(size: int = 2048) -> rsa.RSAPrivateKey:
    """A key; making one takes its time, so each size is made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


def a_certificate(*, begins: datetime = NOW, ends: datetime = NOW + timedelta(days=1), signer: Any = None) -> bytes:
    """A certificate for the key, as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.example")])
    signer = signer or key()
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(signer.public_key())
    certificate = builder.serial_number(1).not_valid_before(begins).not_valid_after(ends).sign(signer, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM)


def iso(at: datetime) -> str:
    """A time as SNS writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def a_message(message: Any, **changes: Any) -> dict[str, Any]:
    """A notification with this text or object, not yet signed."""
    return {
        "Type": "Notification",
        "MessageId": "11111111-2222-3333-4444-555555555555",
        "TopicArn": TOPIC,
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": iso(NOW),
        **changes,
    }


def a_subscription(**changes: Any) -> dict[str, Any]:
    """The request to confirm the subscription, not yet signed."""
    confirmation = {"Type": "SubscriptionConfirmation", "Token": "abc", "SubscribeURL": SUBSCRIBE_URL, **changes}
    return a_message("You have chosen to subscribe", **confirmation)


def signed(message: dict[str, Any], *, signer: Any = None, **changes: Any) -> bytes:
    """The body of the call; `changes` come after the signing."""
    mac = (signer or key()).sign(string_to_sign(message).encode(), padding.PKCS1v15(), hashes.SHA256())
    envelope = {"SignatureVersion": "2", "SigningCertURL": CERTIFICATE_URL, "Signature": base64.b64encode(mac).decode()}
    return json.dumps({**message, **envelope, **changes}).encode()


class Web:
    """What can be fetched; notes what was. Anything else is out of reach."""

    def __init__(self, **pages: bytes) -> None:
        self.pages = {CERTIFICATE_URL: a_certificate(), SUBSCRIBE_URL: b"<ok/>", **pages}
        self.fetched: list[str] = []

    def fetch(self, url: str) -> bytes:
        """The page."""
        self.fetched.append(url)
        if url not in self.pages:
            raise TryAgainError
        return self.pages[url]
