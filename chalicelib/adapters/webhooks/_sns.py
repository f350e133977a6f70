"""Amazon SNS over HTTPS: proves that a message is SNS's, recent, and from our own topic.

Anyone with an AWS account can have SNS sign messages of a topic of theirs, so the topic counts as much as the
signature. Where certificates come from is set, not read from the message.
"""

import base64
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from chalicelib.adapters.webhooks._reading import moment_of, object_in, refuse_unless_recent
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import SignatureInvalidError

Fetch = Callable[[str], bytes]

OLDEST = timedelta(hours=1, minutes=15)
"""SNS repeats itself for an hour at most."""

SIGNED: Mapping[str, tuple[str, ...]] = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
"""The fields under the signature, by type of message, in this order. `Subject` may be missing."""

_CERTIFICATE_PATH = re.compile(r"/SimpleNotificationService-[0-9a-f]+\.pem")
_LARGEST_CERTIFICATE = 16 * 1024
_CACHED = 8


class SnsProof:
    """Verifies SNS messages. `fetch` gets what is at a URL, or raises TryAgainError; once for each certificate."""

    def __init__(self, *, origin: str, topic_arn: str, clock: Clock, fetch: Fetch) -> None:
        self._origin = origin
        self._topic = topic_arn
        self._clock = clock
        self._fetch = fetch
        self._certificates: dict[str, x509.Certificate] = {}

    def prove(self, body: bytes) -> dict[str, str]:
        """The fields of a message that is proven to be ours; SignatureInvalidError for all others."""
        given = object_in(body)
        if not self._topic or given.get("TopicArn") != self._topic or given.get("SignatureVersion") != "2":
            raise SignatureInvalidError
        message = _signed_fields(given)
        now = self._clock()
        refuse_unless_recent(moment_of(message["Timestamp"], otherwise=_NEVER), now=now, oldest=OLDEST)
        certificate = self._certificate(given.get("SigningCertURL"))
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise SignatureInvalidError
        _verify(certificate, string_to_sign(message), given.get("Signature"))
        return message

    def confirm(self, message: Mapping[str, str]) -> None:
        """Confirms the subscription of a proven message, by the address in it, if that is SNS's and for our topic."""
        url = message["SubscribeURL"]
        query = parse_qs(url.partition("?")[2])
        ours = query.get("Action") == ["ConfirmSubscription"] and query.get("TopicArn") == [self._topic]
        if not self._is_at_origin(url) or not ours:
            raise SignatureInvalidError
        self._fetch(url)

    def _is_at_origin(self, url: str) -> bool:
        try:
            parts, origin = urlsplit(url), urlsplit(self._origin)
        except ValueError:
            return False
        return (parts.scheme, parts.netloc) == (origin.scheme, origin.netloc)

    def _certificate(self, url: object) -> x509.Certificate:
        if not isinstance(url, str) or not self._is_at_origin(url):
            raise SignatureInvalidError
        parts = urlsplit(url)
        if not _CERTIFICATE_PATH.fullmatch(parts.path) or parts.query or parts.fragment:
            raise SignatureInvalidError
        if url not in self._certificates:
            certificate = _parsed(self._fetch(url))
            if len(self._certificates) >= _CACHED:
                self._certificates.clear()
            self._certificates[url] = certificate
        return self._certificates[url]


_NEVER = datetime.fromisoformat("1970-01-01T00:00:00Z")


def string_to_sign(message: Mapping[str, str]) -> str:
    """The text under the signature."""
    return "".join(f"{name}\n{message[name]}\n" for name in SIGNED[message["Type"]] if name in message)


def _signed_fields(given: Mapping[str, Any]) -> dict[str, str]:
    """The signed fields alone: what is not under the signature does not exist for us."""
    kind = given.get("Type")
    names = SIGNED.get(kind, ()) if isinstance(kind, str) else ()
    message = {name: given[name] for name in names if given.get(name) is not None}
    complete = names and set(names) - set(message) <= {"Subject"}
    if not complete or not all(isinstance(value, str) for value in message.values()):
        raise SignatureInvalidError
    return message


def _parsed(pem: bytes) -> x509.Certificate:
    if len(pem) > _LARGEST_CERTIFICATE:
        raise SignatureInvalidError
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise SignatureInvalidError from None


def _verify(certificate: x509.Certificate, text: str, signature: object) -> None:
    key = certificate.public_key()
    if not isinstance(signature, str) or not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
        raise SignatureInvalidError
    try:
        key.verify(base64.b64decode(signature, validate=True), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        raise SignatureInvalidError from None
