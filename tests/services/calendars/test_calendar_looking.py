"""Looks at linked calendars: what comes in, what never does, and what becomes of those that can't be reached."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import SlotTakenError
from chalicelib.domain.own_calendars import CALDAV, GOOGLE, MICROSOFT, Span, stretch
from chalicelib.records.availability import Availability
from chalicelib.records.calendar_link import LinkState
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.calendars.importing import LinkChangedError
from tests.builders import MONDAY_10, NETWORK, booked
from tests.services.calendar_builders import ALL, NINE, OF_PROVIDERS, SECRET, Desk, desk, entry, raw_items

DAY = timedelta(days=1)
MONDAY = "2026-11-09"
SECRETS = [SECRET["title"], SECRET["body"], "geheim@privat.example", "Bahnhofstrasse 1"]


@pytest.fixture(name="at")
def fixture_at() -> Iterator[Desk]:
    """A fresh desk."""
    with desk() as fresh:
        yield fresh


def one(at: Desk) -> Any:
    """The only link."""
    (link,) = at.links()
    return link


def entries(at: Desk, action: Action) -> list[LedgerEntry]:
    """What the ledger says of the day."""
    every = LedgerEntry.of_day(at.of.tenant, at.on.clock.now.date(), after="", most=1000)
    return [each for each in every if each.action is action]


@pytest.mark.parametrize("name", ALL)
def test_busy_times_are_busy(at: Desk, name: str) -> None:
    """They come in as minutes, and nobody books over them."""
    at.holds(name, entry(NINE), entry(NINE + timedelta(hours=2, seconds=30), hours=0.5))

    at.linked(name)

    assert one(at).state is LinkState.WORKING
    assert at.busy() == {MONDAY: [(480, 540), (600, 631)]}
    booked(at.on, at.of, starts_at=NINE + timedelta(hours=1))
    with pytest.raises(SlotTakenError):
        booked(at.on, at.of, starts_at=NINE)


@pytest.mark.parametrize("name", ALL)
def test_nothing_else_of_an_entry_is_ever_stored(at: Desk, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor logged, though the provider may say more than it was asked for."""
    at.holds(name, entry(NINE), **({"wordy": True} if name == MICROSOFT else {}))

    at.linked(name)
    booked(at.on, at.of)
    at.sync(minutes=11)

    stored, logged = b"\n".join(raw_items()), capsys.readouterr()
    assert at.busy()
    for secret in SECRETS:
        assert secret.encode() not in stored
        assert secret not in logged.out + logged.err


@pytest.mark.parametrize("name", ALL)
def test_tokens_lie_sealed(at: Desk, name: str) -> None:
    """And nothing about the account beside them."""
    at.linked(name)

    opens, stored = one(at).access, b"\n".join(raw_items())
    secrets = [opens.token, opens.refresh, opens.address, str(one(at).own_calendar)]
    assert [each for each in secrets if each and each.encode() in stored] == []


@pytest.mark.parametrize("name", ALL)
def test_what_is_gone_there_is_free_here(at: Desk, name: str) -> None:
    """With the next look; sheets that hold what they held are not written."""
    at.holds(name, entry(NINE), entry(NINE + DAY))
    at.linked(name)
    at.holds(name, entry(NINE + DAY))

    at.sync(minutes=9)
    assert MONDAY in at.busy()
    at.sync(minutes=61)
    at.sync(minutes=61)

    assert at.busy() == {"2026-11-10": [(480, 540)]}
    assert [each.counts for each in entries(at, Action.CALENDAR_IMPORTED)] == [{"DaySheet": 2}, {"DaySheet": 1}]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("shows", ["free", "workingElsewhere"])
def test_what_does_not_count_there_does_not_here(at: Desk, name: str, shows: str) -> None:
    """Free is free, and what was called off is not there."""
    at.holds(name, entry(NINE, shows=shows), entry(NINE + DAY, cancelled=True))

    at.linked(name)

    assert at.busy() == {}


def test_whole_days_of_microsoft_are_days_of_the_expert(at: Desk) -> None:
    """They come without a zone: midnight is the expert's, and Zurich's lies an hour before that of UTC."""
    at.holds(MICROSOFT, entry(datetime(2026, 11, 9, tzinfo=UTC), hours=48, all_day=True))

    at.linked(MICROSOFT)

    assert at.busy() == {"2026-11-08": [(1380, 1440)], MONDAY: [(0, 1440)], "2026-11-10": [(0, 1380)]}


@pytest.mark.parametrize(
    ("first", "days", "busy"),
    [
        pytest.param(9, 2, {"08": (1380, 1440), "09": (0, 1440), "10": (0, 1440), "11": (0, 300)}, id="leaving"),
        pytest.param(11, 1, {"11": (300, 1440), "12": (0, 300)}, id="there"),
        pytest.param(12, 1, {"12": (300, 1440), "13": (0, 300)}, id="last"),
        pytest.param(12, 2, {"12": (300, 1440), "13": (0, 1380)}, id="returning"),
        pytest.param(13, 1, {"12": (1380, 1440), "13": (0, 1380)}, id="back"),
    ],
)
def test_whole_days_on_a_travel_are_days_there(
    at: Desk, first: int, days: int, busy: dict[str, tuple[int, int]]
) -> None:
    """Of the first day the beginning counts where the expert is then, of the last the end."""
    hours = fetch(Availability.ref(at.of.tenant, at.of.expert), consistent=True)
    assert hours is not None
    hours.travels = [["2026-11-10", "2026-11-12", "America/New_York"]]
    transaction = Transaction()
    transaction.update(hours)
    transaction.commit()
    at.holds(MICROSOFT, entry(datetime(2026, 11, first, tzinfo=UTC), hours=24 * days, all_day=True))

    at.linked(MICROSOFT)

    assert at.busy() == {f"2026-11-{day}": [times] for day, times in busy.items()}


@pytest.mark.parametrize(
    ("zone", "first", "busy"),
    [
        pytest.param("America/New_York", date(2026, 11, 1), {"2026-11-02": [(0, 300)]}, id="yesterday in the west"),
        pytest.param(
            "Pacific/Auckland",
            date(2027, 5, 7),
            {"2027-05-06": [(720, 1440)], "2027-05-07": [(0, 720)]},
            id="between two looks",
        ),
        pytest.param("Pacific/Auckland", date(2028, 11, 15), {"2028-11-14": [(660, 1440)]}, id="after the last day"),
    ],
)
def test_whole_days_at_the_edges_are_seen(at: Desk, zone: str, first: date, busy: dict[str, Any]) -> None:
    """Today is still yesterday in the west, and the day after the last one has begun already in the east."""
    hours = fetch(Availability.ref(at.of.tenant, at.of.expert), consistent=True)
    assert hours is not None
    hours.expert_zone = zone
    transaction = Transaction()
    transaction.update(hours)
    transaction.commit()
    at.holds(MICROSOFT, entry(datetime.combine(first, time(), UTC), hours=24, all_day=True))

    at.linked(MICROSOFT)

    assert at.busy() == busy


def test_many_entries_come_page_by_page(at: Desk) -> None:
    """And none is left out."""
    at.holds(MICROSOFT, *(entry(NINE + timedelta(hours=2 * each)) for each in range(4)), page=1)

    at.linked(MICROSOFT)

    assert at.busy() == {MONDAY: [(480, 540), (600, 660), (720, 780), (840, 900)]}


def test_more_pages_than_there_can_be_are_no_answer(at: Desk) -> None:
    """What was not read to its end says nothing about what is free."""
    at.holds(MICROSOFT, *(entry(NINE + timedelta(hours=2 * each)) for each in range(21)), page=1)

    at.linked(MICROSOFT)

    assert (at.busy(), one(at).trouble) == ({}, "too-many")


@pytest.mark.parametrize("name", [GOOGLE, CALDAV])
def test_an_error_about_a_calendar_means_unknown_and_not_free(at: Desk, name: str) -> None:
    """What was known stays, and is asked for again."""
    at.holds(name, entry(NINE))
    at.linked(name)
    at.holds(name, error="notFound")

    counts = at.sync(minutes=61)

    assert at.busy() == {MONDAY: [(480, 540)]}
    assert one(at).trouble
    assert counts.looked == 0 or one(at).state is LinkState.BROKEN


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("fault", "minutes"),
    [
        pytest.param({"mode": "status", "status": 500}, 1, id="500"),
        pytest.param({"mode": "reset"}, 1, id="reset"),
        pytest.param({"mode": "nonsense"}, 1, id="nonsense"),
    ],
)
def test_who_can_not_be_reached_is_asked_later_each_time(at: Desk, name: str, fault: Any, minutes: int) -> None:
    """After 1, 2, 4 minutes; and as soon as there is an answer, every ten as before."""
    at.linked(name)
    at.simulator.faults.switch(name, fault)
    waits = []
    for _ in range(3):
        at.on.clock.now = one(at).next_at
        at.sync()
        waits.append((one(at).next_at - at.on.clock.now) // timedelta(minutes=1))
    at.simulator.faults.clear()
    at.on.clock.now = one(at).next_at
    at.sync()

    assert waits == [minutes, 2 * minutes, 4 * minutes]
    assert (one(at).failures, one(at).trouble, one(at).state) == (0, None, LinkState.WORKING)


@pytest.mark.parametrize(
    ("name", "fault", "seconds"),
    [
        (MICROSOFT, {"mode": "status", "status": 429, "code": 300}, 300),
        (MICROSOFT, {"mode": "status", "status": 503, "code": 7200}, 7200),
        (CALDAV, {"mode": "status", "status": 429, "code": 240}, 240),
        (GOOGLE, {"mode": "status", "status": 403}, 60),
        (GOOGLE, {"mode": "status", "status": 429}, 60),
    ],
)
def test_whoever_is_asked_to_wait_waits(at: Desk, name: str, fault: Any, seconds: int) -> None:
    """As long as the provider says; one that only says so waits as after an outage, and lets nobody out."""
    at.linked(name)
    at.simulator.faults.switch(name, fault)

    at.sync(minutes=61)

    assert (one(at).next_at - at.on.clock.now).total_seconds() == seconds
    assert one(at).state is LinkState.WORKING


@pytest.mark.parametrize("name", OF_PROVIDERS)
def test_tokens_are_renewed(at: Desk, name: str) -> None:
    """Before they end; what comes instead is stored."""
    at.linked(name)
    before = one(at).access

    at.sync(minutes=70)

    after = one(at).access
    assert one(at).state is LinkState.WORKING
    assert after.token != before.token
    assert (after.refresh != before.refresh) is (name == MICROSOFT)


@pytest.mark.parametrize("name", ALL)
def test_a_calendar_that_does_not_let_us_in_is_broken_once(at: Desk, name: str) -> None:
    """The expert hears of it, what opened it is thrown away, and nobody tries again."""
    at.linked(name)
    at.holds(name, revoke=True)

    for _ in range(4):
        at.sync(minutes=61)
    at.on.pump()

    assert (one(at).state, one(at).access.token) == (LinkState.BROKEN, "")
    assert len(entries(at, Action.CALENDAR_BROKEN)) == 1
    told = [mail for mail in at.on.mails() if "/calendar" in mail.text]
    assert len(told) == 1
    assert "lässt uns nicht mehr hinein" in told[0].text


@pytest.mark.parametrize("name", OF_PROVIDERS)
def test_a_token_that_ends_before_its_time_breaks_nothing(at: Desk, name: str) -> None:
    """Another is tried first."""
    at.linked(name)
    for grant in at.grants(name):
        grant.tokens.clear()

    at.sync(minutes=10)
    at.sync(minutes=61)

    assert (one(at).state, one(at).trouble) == (LinkState.WORKING, None)


def test_a_kind_that_is_not_set_up_any_more_is_left_alone(at: Desk) -> None:
    """And not asked about each minute."""
    at.linked(GOOGLE)
    vars(at.on.services)["own_calendars"] = {}
    booked(at.on, at.of)

    counts = at.sync(minutes=10)

    assert (counts.looked, counts.told) == (0, 1)
    assert one(at).next_at > at.on.clock.now


def test_two_that_look_at_once_look_once(at: Desk) -> None:
    """Whoever claims it first."""
    link = at.link(GOOGLE)
    looking = at.on.services.syncing.looking

    assert [looking.look(link), looking.look(one(at))] == [True, False]


def test_nothing_comes_in_behind_the_end_of_a_link(at: Desk) -> None:
    """Who was about to write finds that it has changed."""
    at.holds(GOOGLE, entry(NINE))
    link = at.linked(GOOGLE)
    stale = one(at)
    at.on.services.unlinking.unlink(at.of.session, link.id, network=NETWORK)

    days = stretch(NINE, 0)
    with pytest.raises(LinkChangedError):
        at.on.services.importing.take_in(stale, [Span(NINE, NINE + DAY)], *days)
    assert at.busy() == {}


@pytest.mark.parametrize("weeks", [0, 11])
def test_appointments_under_other_things_are_listed_and_stay(at: Desk, weeks: int) -> None:
    """However far ahead; the expert decides what becomes of them."""
    starts_at = MONDAY_10 + timedelta(weeks=weeks)
    under = booked(at.on, at.of, starts_at=starts_at)
    booked(at.on, at.of, starts_at=starts_at + timedelta(hours=2), email="b@kundin.example")
    at.holds(GOOGLE, entry(starts_at + timedelta(minutes=59)))

    at.linked(GOOGLE)

    assert [each.id for each in at.on.services.importing.conflicts(at.of.session)] == [under.id]


def test_a_business_that_ends_parts_with_its_calendars_the_day_before(at: Desk) -> None:
    """As long as there is somebody who can tell the provider."""
    at.linked(GOOGLE)
    tenant = fetch(Tenant.ref(at.of.tenant), consistent=True)
    assert tenant is not None
    tenant.plan, tenant.cancelled_at = None, at.on.clock.now
    transaction = Transaction()
    transaction.update(tenant)
    transaction.commit()
    closes = tenant.closes_at
    assert closes is not None

    at.on.clock.now = closes - DAY - timedelta(minutes=1)
    at.sync()
    assert len(at.links()) == 1
    at.sync(minutes=61)
    at.sync()

    assert (at.links(), at.account(GOOGLE).made, at.grants(GOOGLE)) == ([], {}, [])
