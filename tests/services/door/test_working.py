"""What an expert's hours come to for a service: sites, holidays, exceptions, absences, closures, travels."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.slots import Availability as Rules
from chalicelib.domain.slots import Interval, Travel, WorkingRange
from chalicelib.records.availability import Availability
from chalicelib.records.premises import Premises
from chalicelib.services.door.working import absent, closed, regions_of, working
from tests.builders import terms
from tests.domain.slots_cases import minute

HERE, THERE = "a" * 32, "b" * 32
NINE = WorkingRange(540, 600)
AT_HERE, AT_THERE = WorkingRange(600, 660, HERE), WorkingRange(660, 720, THERE)
FRIDAY = date(2026, 5, 1)  # Labour Day in Zurich, not in Berne
FRM = datetime(2026, 4, 27, tzinfo=UTC)
TO = FRM + timedelta(days=7)


class Holidays:
    """Labour Day in one region, New Year in another."""

    def of(self, region: str, year: int) -> Mapping[date, str]:
        """The holidays of a year."""
        known = {"CH-ZH": (5, 1), "CH-BE": (1, 2)}
        return {date(year, *known[region]): "A holiday"} if region in known else {}


def hours(*, holidays: str | None = None, absences: Any = (), **changes: Any) -> Availability:
    """Three ranges each Friday."""
    values = {"zone": "Europe/Zurich", "weekly": {4: (NINE, AT_HERE, AT_THERE)}, "exceptions": {}, **changes}
    held = Availability.of("t" * 32, "s" * 32, zone="Europe/Zurich", rules=Rules(**values))
    held.holidays, held.absences = holidays, list(absences)
    return held


def places(*, holidays: str | None = None, here: str | None = None, there: str | None = None) -> Premises:
    """Two sites."""
    ref = Premises.ref("t" * 32)
    sites = [{"id": HERE, "holidays": here}, {"id": THERE, "holidays": there}]
    return Premises(ref.pk, ref.sk, zone="Europe/Zurich", sites=sites, closures=[], holidays=holidays)


def on_friday(held: Availability, premises: Premises | None, *, site: str | None = None) -> tuple[WorkingRange, ...]:
    """The ranges that are left of Labour Day."""
    rules, _ = working(held, premises, terms("s" * 32, site=site), holidays=Holidays(), frm=FRM, to=TO)
    return rules.on(FRIDAY)


@pytest.mark.parametrize(
    ("site", "left"), [(None, (NINE, AT_HERE, AT_THERE)), (HERE, (NINE, AT_HERE)), (THERE, (NINE, AT_THERE))]
)
def test_a_service_with_a_site_uses_its_ranges_and_those_of_none(
    site: str | None, left: tuple[WorkingRange, ...]
) -> None:
    """On days of the week and on dates that differ alike."""
    assert on_friday(hours(), places(), site=site) == left
    assert on_friday(hours(weekly={}, exceptions={FRIDAY: (NINE, AT_HERE, AT_THERE)}), places(), site=site) == left


@pytest.mark.parametrize(
    ("own", "premises", "left"),
    [
        pytest.param(None, None, (NINE, AT_HERE, AT_THERE), id="no-premises"),
        pytest.param(None, places(), (NINE, AT_HERE, AT_THERE), id="no-region"),
        pytest.param(None, places(holidays="CH-ZH"), (), id="that-of-the-business"),
        pytest.param(None, places(holidays="CH-BE"), (NINE, AT_HERE, AT_THERE), id="another-one"),
        pytest.param("CH-BE", places(holidays="CH-ZH"), (NINE, AT_HERE, AT_THERE), id="the-experts-own-comes-first"),
        pytest.param("CH-ZH", None, (), id="the-experts-own"),
        pytest.param(None, places(here="CH-ZH"), (NINE, AT_THERE), id="that-of-a-site"),
        pytest.param("CH-BE", places(there="CH-ZH"), (NINE, AT_HERE), id="a-sites-comes-before-the-experts"),
        pytest.param("CH-ZH", places(here="CH-BE"), (AT_HERE,), id="open-at-a-site-elsewhere"),
    ],
)
def test_holidays_close_ranges_by_the_region_of_their_site(
    own: str | None, premises: Premises | None, left: tuple[WorkingRange, ...]
) -> None:
    """Else by that of the expert, else by that of the business."""
    assert on_friday(hours(holidays=own), premises) == left


@pytest.mark.parametrize("ranges", [(), (AT_HERE,)], ids=["closed", "open"])
def test_a_date_with_an_exception_knows_no_holiday(ranges: tuple[WorkingRange, ...]) -> None:
    """Whoever says when they work on that very day means it."""
    assert on_friday(hours(holidays="CH-ZH", exceptions={FRIDAY: ranges}), places()) == ranges


def test_holidays_of_both_years_count_over_new_year() -> None:
    """In a range that begins in one and ends in the next; two days around belong to it."""
    held = hours(holidays="CH-BE")
    for frm in (datetime(2025, 12, 20, tzinfo=UTC), datetime(2026, 1, 3, 12, tzinfo=UTC)):
        rules, _ = working(held, None, terms("s" * 32), holidays=Holidays(), frm=frm, to=frm + timedelta(days=12))

        assert rules.on(date(2026, 1, 2)) == ()


def test_a_travel_stays() -> None:
    """As it is stored."""
    away = (Travel(FRIDAY, FRIDAY, "Asia/Tokyo"),)
    rules, _ = working(hours(travels=away), None, terms("s" * 32), holidays=Holidays(), frm=FRM, to=TO)

    assert rules.travels == away
    assert rules.zone_on(FRIDAY) == "Asia/Tokyo"
    assert rules.zone_on(FRIDAY + timedelta(days=1)) == "Europe/Zurich"


def test_absences_and_closures_are_busy_time() -> None:
    """From the minute in which they begin to that in which they end."""
    absence = {"id": "1", "from": "2026-04-28T10:00:30+02:00", "until": "2026-04-28T12:00:30+02:00", "stand_in": None}
    premises = places()
    premises.closures = [["2026-04-29T00:00:00+00:00", "2026-04-30T00:00:00+00:00"]]

    _, busy = working(hours(absences=[absence]), premises, terms("s" * 32), holidays=Holidays(), frm=FRM, to=TO)

    away = Interval(minute("2026-04-28T08:00"), minute("2026-04-28T10:01"))
    assert busy == [away, Interval(minute("2026-04-29T00:00"), minute("2026-04-30T00:00"))]


@pytest.mark.parametrize(
    ("since", "until", "near"),
    [
        (TO + timedelta(days=2), TO + timedelta(days=3), False),
        (TO + timedelta(days=2, seconds=-1), TO + timedelta(days=3), True),
        (FRM - timedelta(days=3), FRM - timedelta(days=2), False),
        (FRM - timedelta(days=3), FRM - timedelta(days=2, seconds=-1), True),
    ],
)
def test_what_is_too_far_to_touch_anything_is_left_out(since: datetime, until: datetime, near: bool) -> None:
    """An appointment and each of its buffers last a day at most."""
    away = hours(absences=[{"from": since.isoformat(), "until": until.isoformat()}])
    premises = places()
    premises.closures = [[since.isoformat(), until.isoformat()]]

    assert bool(absent(away, frm=FRM, to=TO)) is near
    assert bool(closed(premises, frm=FRM, to=TO)) is near


@pytest.mark.parametrize("frm", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_ends_of_the_calendar_break_nothing(frm: datetime) -> None:
    """There is nothing there."""
    held = hours(holidays="CH-ZH", absences=[{"from": FRM.isoformat(), "until": TO.isoformat()}])

    assert working(held, places(), terms("s" * 32), holidays=Holidays(), frm=frm, to=frm)[1] == []


def test_a_site_that_is_gone_counts_as_none() -> None:
    """Its ranges follow the region of whoever works there."""
    assert regions_of(hours(holidays="CH-ZH"), None).get(HERE) is None
    assert on_friday(hours(holidays="CH-ZH"), None) == ()
