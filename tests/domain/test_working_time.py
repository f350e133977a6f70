"""Where an expert is at an instant, by the dates of a journey: some dates meet, and some hours belong to none."""

from datetime import UTC, date, datetime

import pytest

from chalicelib.domain.slots import Availability, Travel

ZURICH, TOKYO, NEW_YORK = "Europe/Zurich", "Asia/Tokyo", "America/New_York"


def being(zone: str) -> Availability:
    """At home in Zurich, and elsewhere from the 10th to the 12th of November."""
    travels = (Travel(date(2026, 11, 10), date(2026, 11, 12), zone),)
    return Availability(zone=ZURICH, weekly={}, exceptions={}, travels=travels)


@pytest.mark.parametrize(
    ("there", "day", "hour", "zone"),
    [
        pytest.param(TOKYO, 9, 14, ZURICH, id="before"),
        pytest.param(TOKYO, 9, 22, ZURICH, id="the 9th at home and the 10th there: the earlier one"),
        pytest.param(TOKYO, 9, 23, TOKYO, id="midnight at home"),
        pytest.param(TOKYO, 12, 14, TOKYO, id="the last hour there"),
        pytest.param(TOKYO, 12, 15, TOKYO, id="the 13th there, the 12th at home: on the way"),
        pytest.param(TOKYO, 12, 23, ZURICH, id="the 13th at home"),
        pytest.param(NEW_YORK, 9, 22, ZURICH, id="the last hour at home"),
        pytest.param(NEW_YORK, 10, 4, NEW_YORK, id="the 10th at home, the 9th there: on the way"),
        pytest.param(NEW_YORK, 10, 5, NEW_YORK, id="the first hour there"),
        pytest.param(NEW_YORK, 13, 4, NEW_YORK, id="the 12th there and the 13th at home: the earlier one"),
        pytest.param(NEW_YORK, 13, 5, ZURICH, id="midnight there"),
    ],
)
def test_where_an_expert_is(there: str, day: int, hour: int, zone: str) -> None:
    """At the edges of the journey."""
    assert being(there).zone_at(datetime(2026, 11, day, hour, tzinfo=UTC)) == zone


def test_without_a_journey_it_is_home() -> None:
    """At all times."""
    assert Availability(zone=TOKYO, weekly={}, exceptions={}).zone_at(datetime(2026, 11, 9, tzinfo=UTC)) == TOKYO
