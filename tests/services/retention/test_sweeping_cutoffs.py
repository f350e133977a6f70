"""To the second, through saving and sweeping: month ends, leap days, clock changes, and days that end at midnight."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.handling import Counted
from chalicelib.domain.periods import Period, days, hours, months
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, fetch
from tests.fakes import DrivenClock
from tests.records.record_builders import ANNA, TENANT, store
from tests.records.trial_kinds import TrialNote, note, with_period
from tests.services.looking import raw
from tests.services.trial_sweeps import sweeping
from tests.stage import stage

THEN, DAY = Counted.FROM_THEN, Counted.FROM_END_OF_DAY
YEAR = Counted.FROM_END_OF_FINANCIAL_YEAR
CASES = [
    # Month ends: the day of the same number, or the last one of a shorter month.
    (months(1), THEN, "Europe/Zurich", "2027-01-31T12:00+01:00", "2027-02-28T12:00+01:00"),
    (months(1), THEN, "Europe/Zurich", "2028-01-31T12:00+01:00", "2028-02-29T12:00+01:00"),
    (months(1), THEN, "Europe/Zurich", "2027-03-31T12:00+02:00", "2027-04-30T12:00+02:00"),
    (months(12), THEN, "Europe/Zurich", "2028-02-29T12:00+01:00", "2029-02-28T12:00+01:00"),
    (months(48), THEN, "Europe/Zurich", "2028-02-29T12:00+01:00", "2032-02-29T12:00+01:00"),
    (months(12), THEN, "Europe/Zurich", "2027-02-28T12:00+01:00", "2028-02-28T12:00+01:00"),
    # Clock changes: the same time on the wall, whatever the clocks did in between.
    (days(1), THEN, "Europe/Zurich", "2027-03-27T12:00+01:00", "2027-03-28T12:00+02:00"),
    (days(1), THEN, "Europe/Zurich", "2027-10-30T12:00+02:00", "2027-10-31T12:00+01:00"),
    (days(1), THEN, "Europe/Zurich", "2027-03-27T02:30+01:00", "2027-03-28T03:30+02:00"),
    (days(1), THEN, "Europe/Zurich", "2027-10-30T02:30+02:00", "2027-10-31T02:30+02:00"),
    (hours(24), THEN, "Europe/Zurich", "2027-03-27T12:00+01:00", "2027-03-28T13:00+02:00"),
    (months(6), THEN, "America/New_York", "2027-01-15T09:00-05:00", "2027-07-15T09:00-04:00"),
    # The end of the local day, also where that day has 23 or 25 hours, or begins at one.
    (days(30), DAY, "Europe/Zurich", "2027-05-10T00:00+02:00", "2027-06-10T00:00+02:00"),
    (days(30), DAY, "Europe/Zurich", "2027-05-10T23:59:59+02:00", "2027-06-10T00:00+02:00"),
    (days(0), DAY, "Europe/Zurich", "2027-03-28T01:00+01:00", "2027-03-29T00:00+02:00"),
    (days(0), DAY, "Europe/Zurich", "2027-10-31T01:00+02:00", "2027-11-01T00:00+01:00"),
    (days(0), DAY, "Pacific/Auckland", "2027-05-10T10:00+00:00", "2027-05-10T12:00+00:00"),
    (days(0), DAY, "Asia/Beirut", "2027-03-27T12:00+02:00", "2027-03-28T01:00+03:00"),
    # The end of the local year.
    (months(0), YEAR, "Europe/Zurich", "2027-12-31T23:59:59+01:00", "2028-01-01T00:00+01:00"),
    (months(0), YEAR, "Europe/Zurich", "2027-12-31T23:00+00:00", "2029-01-01T00:00+01:00"),
    (months(120), YEAR, "Pacific/Kiritimati", "2027-12-31T12:00+14:00", "2038-01-01T00:00+14:00"),
]


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    """Trial notes are as they were afterwards."""
    before = TrialNote.handling
    yield
    TrialNote.handling = before


@pytest.mark.parametrize("seconds", [-1, 0, 1])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1].name} {case[2]} {case[3]}")
def test_a_record_ends_at_its_second(case: tuple[Period, Counted, str, str, str], seconds: int) -> None:
    """A second before it is there for everybody; at that second it is invisible, and the sweep removes it."""
    period, counted, zone, since, until = case
    start, end = (datetime.fromisoformat(at).astimezone(UTC) for at in (since, until))
    with stage(DrivenClock(start)) as on:
        with_period(period, counted)
        written = note(start, tenant=TENANT, person=ANNA, zone=zone)
        store(written)
        on.clock.now = end + timedelta(seconds=seconds)

        seen = fetch(Ref(TrialNote, written.pk, written.sk))
        counts = sweeping(on).run()

        assert (seen is not None) is (seconds < 0)
        assert (raw(RecordsTable) != []) is (seconds < 0)
        assert (counts.due, counts.removed) == (seconds >= 0, seconds >= 0)


@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_a_fraction_of_a_second_ends_nothing_early(microsecond: int) -> None:
    """Records keep whole seconds: what began within a second ends with its beginning, a period later."""
    start = datetime(2027, 5, 10, 12, 0, 0, microsecond, tzinfo=UTC)
    with stage(DrivenClock(start)) as on:
        with_period(days(1))
        store(note(start, tenant=TENANT, person=ANNA))
        on.clock.now = datetime(2027, 5, 11, 11, 59, 59, 999_999, tzinfo=UTC)
        assert sweeping(on).run().removed == 0
        on.clock.now = datetime(2027, 5, 11, 12, 0, 0, microsecond, tzinfo=UTC)

        assert sweeping(on).run().removed == 1


def test_a_business_that_moves_its_zone_changes_no_promise_made() -> None:
    """A record ends by the zone it was written in; what is written afterwards, by the new one."""
    start = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
    with stage(DrivenClock(start)) as on:
        with_period(days(0), DAY)
        store(note(start, tenant=TENANT, person=ANNA, zone="Europe/Zurich"))
        store(note(start, tenant=TENANT, person=ANNA, zone="America/New_York", number=2))
        on.clock.now = datetime(2027, 1, 10, 23, 0, tzinfo=UTC)
        assert sweeping(on).run().removed == 1
        on.clock.now = datetime(2027, 1, 11, 5, 0, tzinfo=UTC)

        assert sweeping(on).run().removed == 1
