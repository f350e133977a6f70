"""What calendars are told of appointments, and what is left of a link once it has ended: nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.own_calendars import CALDAV, GOOGLE, MICROSOFT
from chalicelib.records.availability import Availability
from chalicelib.records.calendar_link import CalendarParting
from chalicelib.records.calendar_news import CalendarNews
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch
from chalicelib.services.calendars import unlinking
from tests.builders import MONDAY_10, NETWORK, booked, later
from tests.services.calendar_builders import ALL, NINE, OF_PROVIDERS, Desk, desk, entry, raw_items
from tests.services.colleagues import working


@pytest.fixture(name="at")
def fixture_at() -> Iterator[Desk]:
    """A fresh desk."""
    with desk() as fresh:
        yield fresh


def unlink(at: Desk, link: str) -> None:
    """By the expert."""
    at.on.services.unlinking.unlink(at.of.session, link, network=NETWORK)


def waiting(at: Desk) -> list[bytes]:
    """News that nobody was told of yet."""
    return [each for each in raw_items() if b"CALENDAR-NEWS#" in each]


def cancelled(at: Desk, held: Any) -> None:
    """By the customer."""
    at.on.services.changing.cancel(at.on.services.linking.self_service(held)["cancel"], network=NETWORK)


# Telling


@pytest.mark.parametrize("name", ALL)
def test_calendars_follow_an_appointment_and_name_nobody(at: Desk, name: str) -> None:
    """From the booking to the cancellation; what lay ahead before the link is there, too."""
    booked(at.on, at.of)
    at.linked(name)
    held = booked(at.on, at.of, starts_at=later(MONDAY_10, hours=2), email="b@kundin.example")

    assert at.sync().told == 1
    assert len(at.written(name)) == 2
    assert "Erstgespräch" in str(at.written(name))
    assert not [word for word in ("Anna", "Muster", "kundin", "+4179") if word in str(at.written(name))]
    cancelled(at, held)
    at.sync()

    assert len(at.written(name)) == 1
    assert waiting(at) == []


@pytest.mark.parametrize("name", ALL)
def test_telling_twice_tells_nothing_new(at: Desk, name: str) -> None:
    """A run that was killed before it noted what it did leaves no second entry behind."""
    held = booked(at.on, at.of)
    at.linked(name)
    news = CalendarNews.ref(at.of.tenant, at.of.expert, "0" * 32)
    again = CalendarNews(news.pk, news.sk, at=NINE, next_at=NINE, customer=held.subject, appointment=held.id)

    for _ in range(2):
        at.on.services.syncing.news.tell(again)

    assert len(at.written(name)) == 1


@pytest.mark.parametrize("name", ALL)
def test_our_calendar_is_made_anew_when_somebody_deleted_it(at: Desk, name: str) -> None:
    """With all that lies ahead."""
    booked(at.on, at.of)
    at.linked(name)
    at.holds(name, lose=True)
    booked(at.on, at.of, starts_at=later(MONDAY_10, hours=2), email="b@kundin.example")

    for _ in range(4):
        at.sync(minutes=2)

    assert len(at.written(name)) == 2
    assert waiting(at) == []


def test_news_wait_for_a_calendar_that_can_not_be_reached(at: Desk) -> None:
    """And reach the others meanwhile."""
    at.linked(GOOGLE)
    at.linked(CALDAV)
    at.simulator.faults.switch(GOOGLE, {"mode": "status", "status": 500})
    booked(at.on, at.of)

    assert at.sync().told == 0
    assert (len(at.written(GOOGLE)), len(at.written(CALDAV))) == (0, 1)
    at.simulator.faults.clear()
    at.sync(minutes=20)
    at.sync(minutes=20)

    assert (len(at.written(GOOGLE)), len(at.written(CALDAV))) == (1, 1)
    assert waiting(at) == []


def test_each_hand_over_is_in_the_ledger_and_nothing_else_counts_as_one(at: Desk) -> None:
    """When it was linked, with the number of appointments, and for each that changed since."""
    booked(at.on, at.of)
    link = at.linked(GOOGLE)
    booked(at.on, at.of, starts_at=later(MONDAY_10, hours=2), email="b@kundin.example")
    at.sync()
    unlink(at, link.id)
    at.sync()

    day = LedgerEntry.of_day(at.of.tenant, at.on.clock.now.date(), after="", most=1000)
    handed = [(each.action, each.processor, each.counts) for each in day if each.processor == GOOGLE]
    told = (Action.CALENDAR_TOLD, GOOGLE)
    assert sorted(handed, key=str) == sorted([(*told, {"Appointment": 1}), (*told, None)], key=str)


def test_a_calendar_of_that_name_is_left_alone(at: Desk) -> None:
    """It is somebody's; ours gets another name."""
    at.linked(MICROSOFT)
    at.linked(MICROSOFT)

    first, second = (each.name for each in at.account(MICROSOFT).made.values())
    assert first == "Zusage"
    assert second.startswith("Zusage ")


# Parting


@pytest.mark.parametrize("name", ALL)
def test_what_is_unlinked_is_gone_at_once(at: Desk, name: str) -> None:
    """Tokens and busy times; within a minute our calendar there goes, too, and the permission, where it can."""
    booked(at.on, at.of)
    at.holds(name, entry(NINE))
    link = at.linked(name)

    unlink(at, link.id)

    hours = fetch(Availability.ref(at.of.tenant, at.of.expert), consistent=True)
    assert (at.links(), at.busy(), hours and hours.linked) == ([], {}, False)
    assert at.sync().parted == 1
    assert at.account(name).made == {}
    assert not [each for each in raw_items() if b"CALENDAR-LINK#" in each or b"CALENDAR-PARTING#" in each]
    if name == GOOGLE:
        assert at.grants(GOOGLE) == []


def test_a_second_link_stays(at: Desk) -> None:
    """With its busy times, and with news to come."""
    at.holds(GOOGLE, entry(NINE))
    at.holds(CALDAV, entry(NINE))
    first = at.linked(GOOGLE)
    at.linked(CALDAV)

    unlink(at, first.id)

    assert at.busy() == {"2026-11-09": [(480, 540)]}
    booked(at.on, at.of)
    assert len(waiting(at)) == 1


@pytest.mark.parametrize("name", ALL)
def test_a_provider_that_is_down_is_told_later(at: Desk, name: str) -> None:
    """What is here is gone all the same."""
    link = at.linked(name)
    at.simulator.faults.switch(name, {"mode": "reset"})

    unlink(at, link.id)
    assert at.sync().parted == 0
    assert at.links() == []
    at.simulator.faults.clear()
    at.sync(minutes=2)

    assert at.account(name).made == {}
    assert fetch(CalendarParting.ref(at.of.tenant, link.id)) is None


@pytest.mark.parametrize(("seconds", "kept"), [(-1, True), (0, False)])
def test_nobody_tries_for_longer_than_a_day(at: Desk, seconds: int, kept: bool) -> None:
    """And no token lies longer."""
    link = at.linked(GOOGLE)
    at.simulator.faults.switch(GOOGLE, {"mode": "status", "status": 500})
    began = at.on.clock.now
    unlink(at, link.id)

    at.on.clock.now = later(began, days=1, seconds=seconds)
    at.sync()

    assert bool([each for each in raw_items() if b"CALENDAR-PARTING#" in each]) is kept


@pytest.mark.parametrize("name", OF_PROVIDERS)
def test_what_was_taken_back_there_is_parted_with_all_the_same(at: Desk, name: str) -> None:
    """There is nothing left to give back."""
    link = at.linked(name)
    at.holds(name, revoke=True)
    unlink(at, link.id)

    at.sync(minutes=70)
    at.sync(minutes=2)

    assert not [each for each in raw_items() if b"CALENDAR-PARTING#" in each]


@pytest.mark.parametrize("name", ALL)
def test_a_broken_one_can_be_removed(at: Desk, name: str) -> None:
    """Its busy times go with it."""
    at.holds(name, entry(NINE))
    link = at.linked(name)
    at.holds(name, entry(NINE), revoke=True)
    for _ in range(3):
        at.sync(minutes=61)

    unlink(at, link.id)
    at.sync()

    assert (at.links(), at.busy()) == ([], {})
    assert not [each for each in raw_items() if b"CALENDAR-PARTING#" in each]


def test_what_a_killed_call_left_in_the_sheets_goes_with_the_parting(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The link was gone, its times were not."""
    at.holds(GOOGLE, entry(NINE))
    link = at.linked(GOOGLE)
    with monkeypatch.context() as killed:
        killed.setattr(unlinking, "clear", lambda *_, **__: 0)
        unlink(at, link.id)
    assert at.busy()

    at.sync()

    assert at.busy() == {}


def test_one_ends_only_ones_own(at: Desk) -> None:
    """And not twice."""
    link = at.linked(CALDAV)
    unlink(at, link.id)

    for wrong in (link.id, "f" * 32):
        with pytest.raises(NotFoundError):
            unlink(at, wrong)


def test_whoever_leaves_is_parted_with(at: Desk) -> None:
    """Though their key is gone, the provider hears of it."""
    colleague = working(at.on, at.of)
    desk_of = Desk(at.on, type(at.of)(session=colleague, token="", service=at.of.service), at.server)
    desk_of.holds(GOOGLE, entry(NINE))
    desk_of.linked(GOOGLE)
    at.on.services.feeds.make(colleague, names_services=False, network=NETWORK)

    at.on.services.deleting_staff.delete(at.of.session, colleague.staff, hand_over_to=None, network=NETWORK)
    at.sync()

    assert (at.account(GOOGLE).made, at.grants(GOOGLE)) == ({}, [])
    assert not [each for each in raw_items() if b"sk CALENDAR-" in each or b" CALENDAR-" in each]
