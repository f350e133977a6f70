"""Identifiers: UUIDv7 (RFC 9562, section 5.7) as 32 hexadecimal digits, ordered by time and without counters."""

import re
import secrets
from datetime import UTC, datetime

INSTALLATION = "0" * 32  # stands where a tenant's id would: what belongs to the installation itself
ID_PATTERN = r"^[0-9a-f]{32}$"
_ID = re.compile(ID_PATTERN)
_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id(now: datetime) -> str:
    """A fresh id whose first 48 bits are the milliseconds of `now` (aware)."""
    milliseconds = int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    value = milliseconds << 80 | _VERSION_7 | secrets.randbits(12) << 64 | _VARIANT | secrets.randbits(62)
    return f"{value:032x}"


def made_at(made: str) -> datetime:
    """When an id was made, to the millisecond."""
    return datetime.fromtimestamp((int(made, 16) >> 80) / 1000, UTC)


def is_id(text: str) -> bool:
    """Whether `text` has the shape of an id (it need not exist)."""
    return _ID.fullmatch(text) is not None
