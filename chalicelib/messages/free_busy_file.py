"""Busy times as a calendar (VFREEBUSY of RFC 5545): when somebody can't be booked, and not a word about what with."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.domain.slots import Interval
from chalicelib.domain.wall_time import instant_of

_PRODUCT = "-//Zusage//Appointments//EN"
_MINUTE = timedelta(minutes=1)


def free_busy_file(
    frm: datetime, to: datetime, *, busy: Sequence[Interval], off: Sequence[Interval], uid: str, stamp: datetime
) -> bytes:
    """The file in UTF-8: what is `busy` is taken, at what is `off` nobody works."""
    from icalendar import Calendar, FreeBusy  # noqa: PLC0415 (slow to load, and seldom needed)

    entry = FreeBusy()
    entry.add("uid", uid)
    entry.add("dtstamp", stamp)
    entry.add("dtstart", frm)
    entry.add("dtend", to)
    for times, kind in ((busy, "BUSY"), (off, "BUSY-UNAVAILABLE")):
        for each in times:
            period = instant_of(each.start), (each.end - each.start) * _MINUTE
            entry.add("freebusy", period, parameters={"FBTYPE": kind})
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(entry)
    content: bytes = calendar.to_ical(sorted=False)
    return content
