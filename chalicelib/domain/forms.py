"""Forms: what each form of the product is made of, and the token that goes out with one and comes back with it.

A token is the URL-safe base64 of 32 bytes proof and a JSON object: the form, whose it is, the values that are fixed, a
hash of its fields, a random number and an expiry. The proof is HMAC-SHA256 under a key that only we have. It holds ids
and nothing that somebody typed.
"""

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from hashlib import sha256
from typing import Any

from chalicelib.domain.ids import INSTALLATION

TENANT = "tenant"
_LABEL = b"zusage form 1"
_PROOF = 32
_RANDOM = 16


@dataclass(frozen=True)
class Form:
    """A form: the fields that come back, every one and no other; the ids among its values that are fixed; its life.

    One that fixes a tenant belongs to that business, any other to the installation.
    """

    name: str
    fields: frozenset[str]
    fixed: frozenset[str] = frozenset()
    minutes: int = 60


_PERSON = ("given_name", "family_name", "email", "phone", "language", "zone")
_PLACE = ("company", "street", "postal_code", "city", "country")
_CUSTOMER = ("sms_wanted", "address", *(f"customer.{name}" for name in _PERSON))
_BOOKING = ("service", "expert", "starts_at", "duration", "reservation", "answers", *_CUSTOMER)
_VISIT = ("items", "starts_at", "repeat.weeks", "repeat.times", *_CUSTOMER)
_RESERVATION = ("service", "expert", "starts_at", "duration")
_WAITING = ("service", "expert", "first_day", "last_day", "weekdays", "earliest", "latest", "sms_wanted")

FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form("booking", frozenset(_BOOKING), fixed=frozenset({TENANT, "service"}), minutes=120),
        Form("visit", frozenset(_VISIT), fixed=frozenset({TENANT}), minutes=120),
        Form("reservation", frozenset(_RESERVATION), fixed=frozenset({TENANT, "service"}), minutes=120),
        Form(
            "waiting",
            frozenset((*_WAITING, *(f"customer.{name}" for name in _PERSON))),
            fixed=frozenset({TENANT, "service"}),
            minutes=120,
        ),
        Form("registration", frozenset((*_PERSON, *_PLACE, "terms_version", "notice_version")), minutes=120),
        Form("sign-in", frozenset(("email", "proof", "portal", "keep"))),
        Form("reset", frozenset(("email",))),
    )
}
"""All of them. `@endpoint(form=...)` says which one a route takes; the rest follows from that."""


class Why(Enum):
    """Why a form is not accepted."""

    MISSING = "missing"
    FORGED = "forged"
    OTHER_TENANT = "other-tenant"
    OTHER_FORM = "other-form"
    EXPIRED = "expired"
    ALTERED_FIELDS = "altered-fields"
    ALTERED_FIXED = "altered-fixed"
    USED = "used"


@dataclass(frozen=True)
class HandedOut:
    """What a token says. The names are short because they travel."""

    f: str
    t: str
    x: Mapping[str, str]
    d: str
    n: str
    e: int

    @classmethod
    def of(cls, form: Form, fixed: Mapping[str, str], *, now: datetime) -> "HandedOut":
        """A fresh one; `fixed` has a value for each fixed name."""
        until = int((now + timedelta(minutes=form.minutes)).timestamp())
        tenant = fixed.get(TENANT, INSTALLATION)
        return cls(form.name, tenant, dict(fixed), digest(form.fields), secrets.token_hex(_RANDOM), until)

    @property
    def expires_at(self) -> datetime:
        """From then on it is refused."""
        return datetime.fromtimestamp(self.e, UTC)

    def sign(self, key: bytes) -> str:
        """The token; `key` is what signs for the tenant."""
        content = json.dumps(asdict(self), separators=(",", ":"), sort_keys=True).encode()
        return _spelled(_proof(content, key) + content)


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What came back with a token: the names of the fields, and what stands where the fixed values belong."""

    fields: frozenset[str]
    fixed: Mapping[str, Any]

    @property
    def tenant(self) -> str:
        """Whose form it has to be."""
        return str(self.fixed.get(TENANT, INSTALLATION))


def judge(form: Form, token: str, back: Returned, *, key: bytes, now: datetime) -> "HandedOut | Why":
    """The form as it was handed out, or why it is not accepted. Whether it was used before, this can't tell."""
    if not token:
        return Why.MISSING
    proof, content = _split(token)
    if not hmac.compare_digest(proof, _proof(content, key)):
        return Why.OTHER_TENANT if _claimed(content) not in {None, back.tenant} else Why.FORGED
    out = HandedOut(**json.loads(content))
    refused = {
        Why.OTHER_FORM: out.f != form.name,
        Why.EXPIRED: out.expires_at <= now,
        Why.ALTERED_FIELDS: out.d != digest(back.fields),
        Why.ALTERED_FIXED: dict(out.x) != dict(back.fixed),
    }
    return next((why for why, holds in refused.items() if holds), out)


def digest(fields: Iterable[str]) -> str:
    """A hash of a set of names."""
    return sha256(json.dumps(sorted(fields)).encode()).hexdigest()


def names_in(content: object, prefix: str = "") -> Iterator[str]:
    """The names of everything in a JSON object that is no object itself, as `customer.email`."""
    if not isinstance(content, dict):
        return
    for key, value in content.items():
        name = prefix + key.replace(".", "\\.")
        if isinstance(value, dict) and value:
            yield from names_in(value, f"{name}.")
        else:
            yield name


def _split(token: str) -> tuple[bytes, bytes]:
    """Proof and content; an empty proof for what is no token, since decoding forgives and a token has one spelling."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (UnicodeEncodeError, Base64Error, ValueError):
        raw = b""
    return (raw[:_PROOF], raw[_PROOF:]) if _spelled(raw) == token else (b"", b"")


def _claimed(content: bytes) -> object:
    """Whose form something unproven says it is, for the ledger to tell a mistake from a forgery."""
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return read.get("t") if isinstance(read, dict) else None


def _spelled(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _proof(content: bytes, key: bytes) -> bytes:
    """Under a key of its own, so that no link can ever pass for a form."""
    return hmac.digest(hmac.digest(key, _LABEL, "sha256"), content, "sha256")
