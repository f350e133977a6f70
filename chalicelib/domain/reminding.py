"""When a reminder goes: a lead before the appointment, but a text message not while people sleep."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

QUIET_FROM = time(21)
QUIET_UNTIL = time(8)


def reminder_at(starts_at: datetime, *, lead_minutes: int, zone: str, quiet: bool, now: datetime) -> datetime | None:
    """The instant at which to remind, or None when that is past already.

    Where `quiet` holds and the instant falls into the quiet hours of `zone`, the reminder goes at their beginning,
    the evening before: a reminder that comes early is useful, one at night or too late is not.
    """
    at = starts_at - timedelta(minutes=lead_minutes)
    if quiet:
        at = _before_the_night(at, ZoneInfo(zone))
    return at if at > now else None


def after_the_night(at: datetime, *, zone: str) -> datetime | None:
    """When a text message that is late, and would go at `at`, may go: in the morning. None: at once, it is day."""
    local = at.astimezone(ZoneInfo(zone))
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    morning = local.date() + timedelta(days=local.time() >= QUIET_FROM)
    return datetime.combine(morning, QUIET_UNTIL, local.tzinfo).astimezone(at.tzinfo)


def _before_the_night(at: datetime, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return at
    evening = local.date() if local.time() >= QUIET_FROM else local.date() - timedelta(days=1)
    return datetime.combine(evening, QUIET_FROM, zone).astimezone(at.tzinfo)
