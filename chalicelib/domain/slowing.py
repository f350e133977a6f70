"""How long an account has to wait after failed sign-ins, and how many links it is sent: neither locks anybody out."""

from datetime import datetime, timedelta

FREE = 5
"""Failures after which waiting begins."""

LONGEST = 60
"""Seconds that nobody has to wait longer than, however often somebody else guessed."""

LINKS = 3
LINKS_WITHIN = timedelta(hours=1)
"""Links that may be under way to one account at a time, unused, as often as they are asked for."""

LINK_GOOD = timedelta(minutes=10)
"""How long a link to sign in is good: who is not sent another one for so long has one that opens."""


def pause(failures: int) -> int:
    """The seconds between the last failure and the next attempt."""
    return 0 if failures < FREE else min(1 << min(failures - FREE, LONGEST), LONGEST)


def seconds_to_wait(failures: int, last_at: datetime, now: datetime) -> int:
    """How long it takes until the next attempt may be made."""
    left = last_at + timedelta(seconds=pause(failures)) - now
    return max(0, -(-left // timedelta(seconds=1)))


def next_link(sent: int, last_at: datetime, now: datetime) -> int:
    """Which one in a row a link that is asked for now would be; 0 when it is not sent.

    `sent` are unused, the last one since `last_at`. Whoever asks in somebody else's name keeps no link from them.
    """
    if last_at + LINKS_WITHIN <= now:
        return 1
    return sent + 1 if sent < LINKS or last_at + LINK_GOOD <= now else 0
