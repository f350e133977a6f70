"""Recovery codes: for whoever lost the phone. Each is random enough that a plain hash of it can't be undone."""

import hmac
import secrets
from base64 import b32encode
from hashlib import sha256

COUNT = 10
_BYTES = 15


def new_codes() -> list[str]:
    """Ten codes of 120 bits, as people write them down: twenty-four letters and digits in fours."""
    spelled = (b32encode(secrets.token_bytes(_BYTES)).decode().lower() for _ in range(COUNT))
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in spelled]


def hashed(code: str) -> str:
    """What is stored of a code, however it was typed: hyphens, spaces and case do not matter."""
    return sha256("".join(filter(str.isalnum, code)).lower().encode()).hexdigest()


def without(hashes: list[str], code: str) -> list[str] | None:
    """The hashes that are left when a code was used; None when it is none of them. Each is compared."""
    given = hashed(code)
    left = [each for each in hashes if not hmac.compare_digest(each, given)]
    return left if len(left) < len(hashes) else None
