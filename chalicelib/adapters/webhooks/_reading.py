"""What every webhook does with values that come from outside: check first, believe little, never raise on new ones."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from chalicelib.domain.errors import SignatureInvalidError

_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,128}")
_CODE = re.compile(r"[A-Za-z0-9._-]{1,40}")

AHEAD = timedelta(minutes=10)
"""How far the provider's clock may be before ours."""


def is_reference(text: object) -> bool:
    """Whether this can be a reference of ours."""
    return isinstance(text, str) and _REFERENCE.fullmatch(text) is not None


def code_of(value: object) -> str:
    """A provider's code, safe to keep and log; empty when it looks like anything else, such as a sentence."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if _CODE.fullmatch(text) else ""


def object_in(body: bytes | str) -> dict[str, Any]:
    """The JSON object; empty when it is none."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        parsed = None  # the caller finds nothing in it to believe
    return parsed if isinstance(parsed, dict) else {}


def nested(value: object, *path: str) -> Any:
    """What stands at `path` in nested objects; None when something on the way is missing or no object."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def instant_of(seconds: object, *, otherwise: datetime) -> datetime:
    """Epoch seconds as an instant."""
    try:
        return datetime.fromtimestamp(float(str(seconds)), UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise


def moment_of(text: object, *, otherwise: datetime) -> datetime:
    """An ISO 8601 time with its zone as an instant."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else otherwise
    except ValueError:
        return otherwise
    return moment if moment.tzinfo else otherwise


def refuse_unless_recent(at: datetime, *, now: datetime, oldest: timedelta) -> None:
    """Refuses what is older than `oldest` or from further ahead than clocks differ."""
    if not -AHEAD <= now - at <= oldest:
        raise SignatureInvalidError("the call is too old or from the future")


def same(given: object, expected: Iterable[str]) -> bool:
    """Whether `given` is one of `expected`; the time it takes tells nothing about how much of it was right."""
    text = given.encode("utf-8", "replace") if isinstance(given, str) else b""
    return any(compare_digest(text, each.encode()) for each in expected if each)
