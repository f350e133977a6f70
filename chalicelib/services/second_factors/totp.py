"""Codes of an app on the phone: RFC 6238 with SHA-1, six digits, a new one every thirty seconds."""

import hmac
from datetime import datetime

import pyotp

LATE = 1
"""How many steps a code may be late: it is typed while the next one begins. None is taken before its time."""


def new_secret() -> str:
    """A random secret of 160 bits, as people type it."""
    return pyotp.random_base32()


def uri(secret: str, *, account: str, issuer: str) -> str:
    """What an app takes instead of the secret alone: it names the account, too."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def step_of(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The time step that a code is for; None unless it is the present one or the one before, and later than `after`.

    It looks at each of them, right or not, so that the time it takes tells nothing.
    """
    totp, found = pyotp.TOTP(secret), None
    present = totp.timecode(now)
    for step in range(present - LATE, present + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()) and step > after:
            found = step
    return found
