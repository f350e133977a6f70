"""When exactly a record is over: a second before it is there, at that second it is not, wherever the clocks stand."""

from datetime import UTC, datetime, timedelta

import pytest
from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.errors import RestrictedError
from chalicelib.domain.handling import (
    Basis,
    Category,
    Counted,
    Handling,
    Keep,
    Purpose,
    Source,
    Subject,
    Then,
)
from chalicelib.domain.periods import Period, days, months, years
from chalicelib.records._base import Standing
from chalicelib.records._fields import InstantAttribute, plain
from chalicelib.records._tables import RecordsTable
from chalicelib.records.exceptions import fetch_excepted
from chalicelib.records.reading import fetch
from chalicelib.records.writing import Transaction
from tests.records.record_builders import NOW, TENANT, appointment, person, ref_of, store
from tests.stage import stage

SECOND = timedelta(seconds=1)
EDGES = (-SECOND, timedelta(), SECOND)


class CutOff(RecordsTable, discriminator="CutOff"):
    """A kind whose period each test sets."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.OPERATION,),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(days(1), "since"),),
        then=Then.DELETE,
    )

    since = plain(InstantAttribute())
    note = plain(UnicodeAttribute(null=True))


def kept(monkeypatch: pytest.MonkeyPatch, period: Period, counted: Counted) -> None:
    """Gives the kind a period."""
    held = CutOff.handling
    values = {name: getattr(held, name) for name in held.__dataclass_fields__}
    monkeypatch.setattr(CutOff, "handling", Handling(**{**values, "keep": (Keep(period, "since", counted),)}))


def of(since: datetime, zone: str = "Europe/Zurich") -> CutOff:
    """A record of that moment."""
    return CutOff(f"TENANT#{TENANT}", "CUT-OFF", zone=zone, since=since)


def utc(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "period", "counted", "end"),
    [
        ("2026-01-31 12:00", months(1), Counted.FROM_THEN, "2026-02-28 12:00"),
        ("2028-01-31 12:00", months(1), Counted.FROM_THEN, "2028-02-29 12:00"),
        ("2028-02-29 12:00", months(12), Counted.FROM_THEN, "2029-02-28 12:00"),
        ("2026-03-28 01:30", days(1), Counted.FROM_THEN, "2026-03-29 01:30"),
        ("2026-10-24 00:30", days(1), Counted.FROM_THEN, "2026-10-25 00:30"),
        ("2026-02-15 12:00", months(2), Counted.FROM_THEN, "2026-04-15 11:00"),
        ("2026-09-15 12:00", months(2), Counted.FROM_THEN, "2026-11-15 13:00"),
        ("2026-01-30 22:59:59", days(7), Counted.FROM_END_OF_DAY, "2026-02-06 23:00"),
        ("2026-01-30 23:00:00", days(7), Counted.FROM_END_OF_DAY, "2026-02-07 23:00"),
        ("2026-01-30 22:59:59", months(1), Counted.FROM_END_OF_DAY, "2026-02-27 23:00"),
        ("2026-03-28 12:00", days(1), Counted.FROM_END_OF_DAY, "2026-03-29 22:00"),
        ("2026-10-24 12:00", days(1), Counted.FROM_END_OF_DAY, "2026-10-25 23:00"),
        ("2026-12-31 22:59:59", years(10), Counted.FROM_END_OF_FINANCIAL_YEAR, "2036-12-31 23:00"),
        ("2026-12-31 23:00:00", years(10), Counted.FROM_END_OF_FINANCIAL_YEAR, "2037-12-31 23:00"),
    ],
)
def test_the_second_at_which_it_is_over(
    monkeypatch: pytest.MonkeyPatch, since: str, period: Period, counted: Counted, end: str
) -> None:
    """Month ends, leap days, both clock changes, the end of a day and of a year."""
    kept(monkeypatch, period, counted)
    with stage() as on:
        on.clock.now = utc(since)
        record = of(utc(since))
        store(record)
        there = []
        for edge in EDGES:
            on.clock.now = utc(end) + edge
            there.append(fetch(ref_of(record)) is not None)

    assert record.expires_at == utc(end)
    assert there == [True, False, False]


def test_a_tenant_that_moves_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored counts on in the zone it carries, whatever the tenant's is by now; what is new in the new one."""
    kept(monkeypatch, days(7), Counted.FROM_END_OF_DAY)
    with stage() as on:
        before = of(NOW, zone="Europe/Zurich")
        store(before)
        first = before.expires_at
        on.clock.move(days=1)
        held = fetch(ref_of(before))
        assert held is not None
        held.note = "changed after the move"
        transaction = Transaction()
        transaction.update(held)
        transaction.commit()
        after = of(NOW, zone="America/New_York")
        after.stamp()

    assert first == held.expires_at == utc("2026-11-09 23:00")
    assert after.expires_at == utc("2026-11-10 05:00")


# What stands in the way of a use


@pytest.mark.parametrize(
    ("edge", "standing"), [(-SECOND, Standing.LIVE), (timedelta(), Standing.EXPIRED), (SECOND, Standing.EXPIRED)]
)
def test_a_period_without_a_hold(edge: timedelta, standing: Standing) -> None:
    """Over is over."""
    with stage() as on:
        record = of(NOW)
        record.stamp()
        on.clock.now = NOW + timedelta(days=1) + edge

        assert record.standing() is standing
        assert record.is_absent() is (standing is not Standing.LIVE)


@pytest.mark.parametrize(
    ("after", "standing"),
    [
        (timedelta(days=1) - SECOND, Standing.LIVE),
        (timedelta(days=1), Standing.BLOCKED),
        (timedelta(days=2) - SECOND, Standing.BLOCKED),
        (timedelta(days=2), Standing.EXPIRED),
        (timedelta(days=2) + SECOND, Standing.EXPIRED),
    ],
)
def test_a_hold_keeps_and_hides(after: timedelta, standing: Standing) -> None:
    """Live until its period is over, blocked until the hold is."""
    with stage() as on:
        record = of(NOW)
        record.held_until = NOW + timedelta(days=2)
        record.stamp()
        on.clock.now = NOW + after

        assert record.standing() is standing
        assert record.ttl == NOW + timedelta(days=3)


@pytest.mark.parametrize("ground", Ground)
def test_what_is_held_is_reached_on_a_legal_ground_only(ground: Ground) -> None:
    """And never by a wish to use it."""
    with stage() as on:
        record = of(NOW)
        record.held_until = NOW + timedelta(days=2)
        store(record)
        on.clock.move(days=1)

        found = fetch_excepted(ref_of(record), Asked(ground=ground, actor="e" * 32))

        assert fetch(ref_of(record)) is None
        assert (found is not None) is ground.opens_blocked


def test_what_is_restricted_is_there_and_shut() -> None:
    """It can be read past, but neither opened nor changed, nor be what another write depends on."""
    with stage() as on:
        person(on)
        record = appointment()
        record.restricted_since = NOW
        store(record)
        found = fetch(ref_of(record))

        assert found is not None
        for use in (found.opened, lambda: Transaction().update(found), lambda: Transaction().require(found)):
            with pytest.raises(RestrictedError):
                use()
        with pytest.raises(RestrictedError):
            Transaction().delete(found)
        marked = Transaction()
        found.restricted_since = None
        marked.mark(found)
        marked.commit()
        assert found.given_name == "Änne"
