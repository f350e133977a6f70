"""Recovery codes: for whoever lost the phone. Each is random enough that a plain hash of it can't be undone."""

import hmac
import secrets
from hashlib import sha256

COUNT = 10
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_GROUPS, _GROUP = 7, 4


def new_codes() -> list[str]:
    """Ten codes of 140 bits, as people write them down: twenty-eight letters and digits in fours."""
    return ["-".join(_group() for _ in range(_GROUPS)) for _ in range(COUNT)]


def hashed(code: str) -> str:
    """What is stored of a code, however it was typed: hyphens, spaces and case do not matter."""
    return sha256("".join(filter(str.isalnum, code)).lower().encode()).hexdigest()


def without(hashes: list[str], code: str) -> list[str] | None:
    """The hashes that are left when a code was used; None when it is none of them. Each is compared."""
    given = hashed(code)
    left = [each for each in hashes if not hmac.compare_digest(each, given)]
    return left if len(left) < len(hashes) else None


def _group() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_GROUP))
