"""Capability links: whoever holds one may do one thing, until a time, to one version of one thing.

A token is the URL-safe base64 of 1 byte format, 1 byte purpose, 16 bytes tenant, 16 bytes subject, 16 bytes thing,
4 bytes version, 4 bytes expiry (epoch seconds) and the first 16 bytes of HMAC-SHA256 over all of that under the
tenant's link key. Format 2 is that of links which are for one of several people: 16 bytes holder follow the expiry. It
holds ids only, and is itself never stored.
"""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import sha256

from chalicelib.domain.errors import LinkExpiredError, LinkInvalidError

_LAYOUTS = {1: struct.Struct(">BB16s16s16sII"), 2: struct.Struct(">BB16s16s16sII16s")}
_PROOF = 16


class LinkPurpose(IntEnum):
    """What a link is for; it works for nothing else."""

    CONFIRM_REGISTRATION = 1
    SIGN_IN = 2
    CANCEL = 3
    RESCHEDULE = 4
    RESET_PASSWORD = 5
    ACCEPT_INVITATION = 6
    AGREE_OLD = 7
    AGREE_NEW = 8
    VIEW = 9
    CALENDAR = 10
    ACCEPT_PLACE = 11
    DECLINE_PLACE = 12
    LEAVE_LIST = 13
    CHOOSE_TIME = 14
    PAY = 15
    DECIDE = 16


@dataclass(frozen=True, kw_only=True)
class Link:
    """What a genuine link says. Ids are 32 hexadecimal digits; `expires` is in whole seconds.

    `holder` is whom it was made for, where that does not follow from the thing; empty where it does.
    """

    purpose: LinkPurpose
    tenant: str
    subject: str
    thing: str
    version: int
    expires: datetime
    holder: str = ""

    def sign(self, key: bytes) -> str:
        """The token."""
        form = 2 if self.holder else 1
        ids = (bytes.fromhex(each) for each in (self.tenant, self.subject, self.thing))
        holder = [bytes.fromhex(self.holder)] if self.holder else []
        body = _LAYOUTS[form].pack(form, self.purpose, *ids, self.version, int(self.expires.timestamp()), *holder)
        return _spelled(body + _proof(body, key))


def read(
    token: str,
    *,
    purposes: frozenset[LinkPurpose],
    key_of: Callable[[str], bytes],
    now: datetime,
    proven: Callable[[Link], object] = lambda _: None,
) -> Link:
    """The link, once proven. `key_of` gives a tenant's link key. LinkInvalidError, LinkExpiredError.

    `proven` hears of it before that, also of one that has expired.
    """
    body, proof = _split(token)
    _, purpose, tenant, subject, thing, version, expires, *holder = _LAYOUTS[body[0]].unpack(body)
    if purpose not in purposes:
        raise LinkInvalidError("Use the link that was sent for this.")
    if not hmac.compare_digest(proof, _proof(body, key_of(tenant.hex()))):
        raise LinkInvalidError("Use the link as it was sent.")
    link = Link(
        purpose=LinkPurpose(purpose),
        tenant=tenant.hex(),
        subject=subject.hex(),
        thing=thing.hex(),
        version=version,
        expires=datetime.fromtimestamp(expires, UTC),
        holder=b"".join(holder).hex(),
    )
    proven(link)
    if link.expires <= now:
        raise LinkExpiredError("Ask for a new link.")
    return link


def _split(token: str) -> tuple[bytes, bytes]:
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (UnicodeEncodeError, Base64Error, ValueError):
        raw = b""
    layout = _LAYOUTS.get(raw[0]) if raw else None
    # Decoding forgives, and a token has one spelling.
    if layout is None or len(raw) != layout.size + _PROOF or _spelled(raw) != token:
        raise LinkInvalidError("Use the link as it was sent.")
    return raw[: layout.size], raw[layout.size :]


def _spelled(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _proof(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, body, sha256).digest()[:_PROOF]
