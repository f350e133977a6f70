"""Busy time of somebody's calendar, cut into minutes of UTC days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.own_calendars import Access, Span, minutes_by_day

DAY = date(2026, 3, 2)
NEXT = DAY + timedelta(days=1)
ZURICH = ZoneInfo("Europe/Zurich")


def at(hour: int, minute: int = 0, second: int = 0, *, day: date = DAY, micro: int = 0) -> datetime:
    """An instant of the day."""
    return datetime(day.year, day.month, day.day, hour, minute, second, micro, UTC)


@pytest.mark.parametrize(
    ("spans", "minutes"),
    [
        pytest.param([(at(9), at(10))], {DAY: ((540, 600),)}, id="an hour"),
        pytest.param([(at(9, 0, 59), at(9, 59, 1))], {DAY: ((540, 600),)}, id="seconds, rounded outwards"),
        pytest.param([(at(9), at(10, micro=1))], {DAY: ((540, 601),)}, id="a fraction behind the minute"),
        pytest.param([(at(9), at(9))], {}, id="no time at all"),
        pytest.param([(at(9, 0, 1), at(9, 0, 2))], {DAY: ((540, 541),)}, id="a second takes its minute"),
        pytest.param([(at(10), at(9))], {}, id="an end before the start"),
        pytest.param([(at(9), at(10)), (at(9, 30), at(11))], {DAY: ((540, 660),)}, id="overlapping"),
        pytest.param([(at(9), at(10)), (at(10), at(11))], {DAY: ((540, 660),)}, id="touching"),
        pytest.param([(at(9), at(12)), (at(10), at(11))], {DAY: ((540, 720),)}, id="one within another"),
        pytest.param([(at(9), at(10)), (at(11), at(12))], {DAY: ((540, 600), (660, 720))}, id="apart"),
        pytest.param([(at(9), at(10)), (at(9), at(10))], {DAY: ((540, 600),)}, id="twice the same"),
        pytest.param(
            [(at(23), at(1, day=NEXT))], {DAY: ((1380, 1440),), NEXT: ((0, 60),)}, id="over midnight of the UTC day"
        ),
        pytest.param([(at(0), at(0, day=NEXT))], {DAY: ((0, 1440),)}, id="a whole UTC day, and nothing of the next"),
        pytest.param([(at(23, day=DAY - timedelta(days=1)), at(1))], {DAY: ((0, 60),)}, id="begun before the window"),
        pytest.param(
            [(at(23, day=NEXT), at(9, day=NEXT + timedelta(days=5)))], {NEXT: ((1380, 1440),)}, id="ends later"
        ),
        pytest.param([(at(9, day=NEXT + timedelta(days=1)), at(10, day=NEXT + timedelta(days=1)))], {}, id="after it"),
    ],
)
def test_minutes_of_days(spans: list[tuple[datetime, datetime]], minutes: object) -> None:
    """Merged and in order, within the days asked for, whatever lies around them."""
    assert minutes_by_day([Span(*each) for each in spans], DAY, NEXT) == minutes


def test_a_whole_day_of_a_zone_is_as_long_as_its_clock_makes_it() -> None:
    """The Sunday on which clocks go back has 25 hours."""
    sunday = Span(datetime(2026, 10, 25, tzinfo=ZURICH), datetime(2026, 10, 26, tzinfo=ZURICH))

    found = minutes_by_day([sunday], date(2026, 10, 24), date(2026, 10, 26))

    assert found == {date(2026, 10, 24): ((1320, 1440),), date(2026, 10, 25): ((0, 1380),)}


@pytest.mark.parametrize(
    "access",
    [
        Access(token="t", refresh="r", until=at(9)),
        Access(token="p", user="anna", address="https://dav.example.ch/"),
        Access(token=""),
    ],
    ids=["token", "password", "nothing left"],
)
def test_what_opens_a_calendar_comes_back_as_it_was_sealed(access: Access) -> None:
    """Whichever kind it is; and its text shows nothing of it."""
    assert Access.of(access.plain()) == access
    assert repr(access).count("'") == 0
