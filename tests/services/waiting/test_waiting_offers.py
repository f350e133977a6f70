"""Freed times are offered to those who wait: in order, to one at a time, with a time limit."""

from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import LinkExpiredError, LinkInvalidError, LinkUsedError, SlotTakenError
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.states import RestrictionGround
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.waiting_entry import WaitingListEntry
from chalicelib.records.writing import Transaction
from chalicelib.services.waiting.offering import PLACE_FREE
from chalicelib.services.waiting.places import Yes, place_link
from tests.builders import MONDAY_10, NETWORK, Business, booked
from tests.services.looking import ledger, messages, stored, the
from tests.services.meddling import before_commit, killed_at
from tests.services.offer_builders import (
    BEAT,
    CLEO,
    DAY,
    HOUR,
    MINUTE,
    cancel,
    change_service,
    join,
    offers,
    person,
    place_links,
    with_list,
)
from tests.stage import Stage


def freed(on: Stage, of: Business, **changes: Any) -> Appointment:
    """An appointment of somebody else that was cancelled."""
    held = booked(on, of, email="dora@kundin.example", given_name="Dora", **changes)
    cancel(on, held)
    return held


def holders() -> list[str]:
    """The addresses of those for whom a time is kept, as far as the entries say."""
    return [each.email for each in stored(WaitingListEntry) if each.offered]


def kept() -> list[tuple[str, int]]:
    """What stands in the day sheets: by whom, until when."""
    return [(entry.owner, entry.until) for sheet in stored(DaySheet) for entry in sheet.content.entries]


def accept(on: Stage) -> Appointment:
    """Takes the place of the latest offer."""
    return on.services.places.accept(place_links(on)["accept"], Yes(), network=NETWORK)


def test_a_cancelled_time_is_offered_to_who_waits_longest() -> None:
    """It is kept for them for two hours; nobody else can book it meanwhile, and the others hear nothing."""
    with with_list() as (on, of):
        join(on, of)
        join(on, of, who=person(**BEAT))
        held = freed(on, of)

        assert offers(on) == (1, 0)

        entry, time = stored(WaitingListEntry)[0], the(FreedTime)
        assert holders() == ["anna.muster@kundin.example"]
        assert (entry.offered, entry.offered_until) == (time.id, on.clock.now + 2 * HOUR)
        assert kept() == [(time.id, int((on.clock.now + 2 * HOUR).timestamp()))]
        assert [each.subject for each in messages(PLACE_FREE)] == [entry.subject]
        with pytest.raises(SlotTakenError):
            booked(on, of, starts_at=held.starts_at, **BEAT)
        assert [each.about for each in ledger(Action.PLACE_OFFERED)] == [entry.subject]


def test_who_accepts_has_the_appointment_and_waits_no_more() -> None:
    """One transaction: booked, off the list, and the time is offered to nobody else."""
    with with_list() as (on, of):
        join(on, of)
        held = freed(on, of)
        offers(on)

        taken = accept(on)

        assert (taken.state, taken.starts_at, taken.email) == (
            State.CONFIRMED,
            held.starts_at,
            "anna.muster@kundin.example",
        )
        assert (stored(WaitingListEntry), stored(FreedTime)) == ([], [])
        assert kept() == [(taken.id, 0)]
        assert offers(on) == (0, 0)


@pytest.mark.parametrize(("seconds", "second"), [(-1, False), (0, True), (1, True)])
def test_an_offer_that_lapses_goes_to_the_next(seconds: int, second: bool) -> None:
    """To the second; the first one is not asked again, and their links are over."""
    with with_list() as (on, of):
        join(on, of)
        join(on, of, who=person(**BEAT))
        freed(on, of)
        offers(on)
        first = place_links(on)
        on.clock.move(hours=2, seconds=seconds)

        assert offers(on) == (int(second), 0)

        serials = [(each.email, int(each.serial)) for each in stored(WaitingListEntry)]
        assert serials == [("anna.muster@kundin.example", 1), ("beat@kunde.example", int(second))]
        if second:
            with pytest.raises(LinkExpiredError):
                on.services.places.show(first["accept"], network=NETWORK)
            assert accept(on).email == "beat@kunde.example"


def test_when_nobody_is_left_the_time_is_everybodys() -> None:
    """The record goes, and whoever comes first books it."""
    with with_list() as (on, of):
        join(on, of)
        held = freed(on, of)
        offers(on)
        on.clock.move(hours=2)

        assert offers(on) == (0, 1)

        assert stored(FreedTime) == []
        assert booked(on, of, starts_at=held.starts_at, **BEAT)


def test_who_declines_leaves_it_to_the_next_at_once_and_waits_on() -> None:
    """The time is free in between, and the one who declined is not asked for it again."""
    with with_list() as (on, of):
        join(on, of)
        join(on, of, who=person(**BEAT))
        freed(on, of)
        offers(on)
        links = place_links(on)

        on.services.places.decline(links["decline"], network=NETWORK)

        assert kept() == []
        assert offers(on) == (1, 0)
        assert holders() == ["beat@kunde.example"]
        assert len(stored(WaitingListEntry)) == 2
        assert len(ledger(Action.PLACE_DECLINED)) == 1
        for used in links.values():
            with pytest.raises(LinkUsedError):
                on.services.places.show(used, network=NETWORK)


def test_a_slot_that_was_declined_is_not_offered_again_when_it_is_freed_again() -> None:
    """Another one is; and what was declined before that is still not."""
    with with_list() as (on, of):
        join(on, of)
        freed(on, of)
        offers(on)
        on.services.places.decline(place_links(on)["decline"], network=NETWORK)
        offers(on)

        freed(on, of)
        assert stored(FreedTime) == []
        freed(on, of, starts_at=MONDAY_10 + DAY)
        assert offers(on) == (1, 0)
        on.services.places.decline(place_links(on)["decline"], network=NETWORK)
        freed(on, of)
        assert offers(on) == (0, 1)


def test_an_offer_that_was_declined_before_its_mail_went_out_is_not_sent() -> None:
    """What is no longer true is not said."""
    with with_list() as (on, of):
        join(on, of)
        freed(on, of)
        offers(on)
        token = on.services.linking.token(place_link(the(WaitingListEntry), LinkPurpose.DECLINE_PLACE))
        on.services.places.decline(token, network=NETWORK)

        on.pump()

        assert [mail for mail in on.mails() if "Platz ist frei" in mail.subject] == []
        assert messages(PLACE_FREE)[0].reason == "superseded"


def test_a_moved_appointment_frees_its_old_time() -> None:
    """Whoever waits is offered that, and not the new one."""
    with with_list() as (on, of):
        join(on, of)
        held = booked(on, of, email="dora@kundin.example")
        token = on.services.linking.self_service(held)["reschedule"]
        on.services.changing.move(token, MONDAY_10 + DAY, network=NETWORK)

        assert offers(on) == (1, 0)
        assert the(FreedTime).starts_at == MONDAY_10


def test_what_merely_lies_free_is_not_offered() -> None:
    """People on the list can book it themselves."""
    with with_list() as (on, of):
        join(on, of)

        assert offers(on) == (0, 0)


@pytest.mark.parametrize(
    "waiting",
    [{"first": date(2026, 11, 10)}, {"weekdays": frozenset({2})}, {"latest": 600}, {"expert": "e" * 32}],
    ids=["days", "weekdays", "hours", "expert"],
)
def test_who_waits_for_something_else_is_passed_over(waiting: dict[str, Any]) -> None:
    """The next one whom it fits gets it, and the first one keeps their turn."""
    with with_list() as (on, of):
        if "expert" in waiting:
            change_service(of, experts={of.expert, "e" * 32})
        join(on, of, **waiting)
        join(on, of, who=person(**BEAT))
        freed(on, of)

        offers(on)

        assert holders() == ["beat@kunde.example"]


@pytest.mark.parametrize(("ahead", "offered"), [(61, True), (60, False), (59, False)])
def test_nothing_is_offered_that_nobody_could_book_any_more(ahead: int, offered: bool) -> None:
    """An hour before it is too late for this service; shortly before that, the time limit is short."""
    with with_list() as (on, of):
        join(on, of)
        held = freed(on, of)
        on.clock.now = MONDAY_10 - ahead * MINUTE

        assert offers(on) == ((1, 0) if offered else (0, 1))
        if offered:
            assert the(WaitingListEntry).offered_until == held.starts_at - 60 * MINUTE


def test_one_time_is_kept_for_somebody_at_a_time() -> None:
    """Whoever has an offer open is passed over for a second one."""
    with with_list() as (on, of):
        join(on, of)
        join(on, of, who=person(**BEAT))
        freed(on, of)
        freed(on, of, starts_at=MONDAY_10 + DAY)

        assert offers(on) == (2, 0)

        assert holders() == ["anna.muster@kundin.example", "beat@kunde.example"]


def test_who_has_their_data_restricted_is_passed_over() -> None:
    """Also when that happens this very moment."""
    with with_list() as (on, of):
        for who in (person(), person(**BEAT), person(**CLEO)):
            join(on, of, who=who)
        anna, beat, _ = (each.subject for each in stored(WaitingListEntry))
        freed(on, of)
        on.services.restricting.restrict(of.session, anna, RestrictionGround.UNLAWFUL, network=NETWORK)

        def restrict() -> None:
            on.services.restricting.restrict(of.session, beat, RestrictionGround.UNLAWFUL, network=NETWORK)

        with before_commit(restrict):
            offers(on)

        (holder,) = [each.subject for each in stored(WaitingListEntry) if each.offered]
        assert holder not in {anna, beat}


def test_a_restriction_counts_from_its_first_write_on() -> None:
    """It begins with the customer's own record; the marks on all others follow."""
    with with_list() as (on, of):
        join(on, of)
        freed(on, of)

        def begin() -> None:
            person_ = next(each for each in stored(Customer) if each.subject == the(WaitingListEntry).subject)
            person_.restricted_since = on.clock.now
            transaction = Transaction()
            transaction.mark(person_)
            transaction.commit()

        with before_commit(begin):
            assert offers(on) == (0, 1)


def test_two_runs_at_once_offer_it_once() -> None:
    """The slower one reads again, and finds that it is offered."""
    with with_list() as (on, of):
        join(on, of)
        join(on, of, who=person(**BEAT))
        freed(on, of)

        with before_commit(lambda: offers(on)):
            offers(on)

        assert holders() == ["anna.muster@kundin.example"]
        assert len(messages(PLACE_FREE)) == len(ledger(Action.PLACE_OFFERED)) == len(kept()) == 1
        assert the(FreedTime).version == 2  # written once by the door and once by the offer


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_run_that_is_killed_loses_nothing_and_offers_nothing_twice(after: bool) -> None:
    """Before its write nothing has happened, after it everything."""
    with with_list() as (on, of):
        join(on, of)
        join(on, of, who=person(**BEAT))
        freed(on, of)

        with killed_at(1, after=after):
            offers(on)
        offers(on)

        assert holders() == ["anna.muster@kundin.example"]
        assert len(messages(PLACE_FREE)) == len(kept()) == 1


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_those_who_wait_are_asked_before_everybody_else(seconds: int) -> None:
    """For three minutes, in which the list's turn comes three times; then it is for whoever comes first."""
    with with_list() as (on, of):
        join(on, of)
        held = freed(on, of)
        on.clock.move(minutes=3, seconds=seconds)

        if seconds < 0:
            with pytest.raises(SlotTakenError):
                booked(on, of, starts_at=held.starts_at, **BEAT)
            assert offers(on) == (1, 0)
        else:
            booked(on, of, starts_at=held.starts_at, **BEAT)
            assert offers(on) == (0, 1)
            assert messages(PLACE_FREE) == []


def test_where_nobody_waits_a_freed_time_is_everybodys_at_once() -> None:
    """At that very moment: nothing is kept, and nothing noted."""
    with with_list() as (on, of):
        held = freed(on, of)

        assert (kept(), stored(FreedTime)) == ([], [])

        booked(on, of, starts_at=held.starts_at, **BEAT)


def test_a_time_that_is_only_kept_for_another_is_looked_at_again_when_that_is_over() -> None:
    """The same slot twice on the list of freed times is offered once at a time."""
    with with_list() as (on, of):
        join(on, of)
        join(on, of, who=person(**BEAT))
        freed(on, of)
        on.clock.move(minutes=3)
        freed(on, of)

        assert offers(on) == (1, 0)

        assert len(stored(FreedTime)) == 2
        on.clock.move(hours=2)
        assert offers(on) == (1, 0)
        assert len(kept()) == 1


def test_leaving_the_list_gives_back_what_is_kept() -> None:
    """It is offered to the next."""
    with with_list() as (on, of):
        join(on, of)
        join(on, of, who=person(**BEAT))
        freed(on, of)
        offers(on)
        anna = next(each for each in stored(WaitingListEntry) if each.offered)

        on.services.waiting_lists.remove(of.session, of.service.id, anna.subject, network=NETWORK)

        assert kept() == []
        assert offers(on) == (1, 0)
        assert holders() == ["beat@kunde.example"]


@pytest.mark.parametrize("use", ["accept", "decline"])
def test_a_link_of_a_place_does_one_thing_once(use: str) -> None:
    """The one that accepts does not decline and the other way round; the second time is refused."""
    with with_list() as (on, of):
        join(on, of)
        freed(on, of)
        offers(on)
        links = place_links(on)
        places = on.services.places

        def accepting(token: str) -> object:
            return places.accept(token, Yes(), network=NETWORK)

        def declining(token: str) -> object:
            return places.decline(token, network=NETWORK)  # type: ignore[func-returns-value]

        does, other = (accepting, declining) if use == "accept" else (declining, accepting)
        with pytest.raises(LinkInvalidError):
            other(links[use])
        does(links[use])
        with pytest.raises(LinkUsedError):
            does(links[use])


def test_two_who_accept_and_decline_at_once_do_one_of_it() -> None:
    """Nothing is booked that was declined, and the other way round."""
    with with_list() as (on, of):
        join(on, of)
        freed(on, of)
        offers(on)
        links = place_links(on)

        with (
            before_commit(lambda: on.services.places.decline(links["decline"], network=NETWORK)),
            pytest.raises(LinkUsedError),
        ):
            on.services.places.accept(links["accept"], Yes(), network=NETWORK)

        assert [each.email for each in stored(Appointment) if each.state.holds_time] == []
        assert kept() == []


def test_the_offer_by_text_message_accepts_only() -> None:
    """It is kept short; who does nothing declines."""
    with with_list() as (on, of):
        join(on, of, sms_wanted=True)
        freed(on, of)
        offers(on)
        on.pump()

        (text,) = on.texts()
        assert "#accept=" in text.text
        assert "decline" not in text.text
        assert text.to == "+41795550123"


def test_a_seat_that_becomes_free_is_offered_beside_the_others() -> None:
    """The group goes on, with the seat kept."""
    with with_list(seats=2) as (on, of):
        join(on, of)
        stays = booked(on, of, **BEAT)
        freed(on, of)

        assert offers(on) == (1, 0)

        assert {owner for owner, _ in kept()} == {stays.id, the(FreedTime).id}
        with pytest.raises(SlotTakenError):
            booked(on, of, **CLEO)
        assert accept(on).starts_at == stays.starts_at


def test_a_trial_of_time_is_no_reason_to_be_asked_early() -> None:
    """What is due later is left alone."""
    with with_list() as (on, of):
        join(on, of)
        freed(on, of)
        offers(on)
        on.clock.move(minutes=119)

        assert offers(on) == (0, 0)
        assert on.services.offering_freed.run(may_go_on=lambda: False).waiting == 0
        on.clock.move(minutes=1)
        assert on.services.offering_freed.run(may_go_on=lambda: False).waiting == 1


def test_a_year_later_nobody_waits() -> None:
    """An entry is over with its last day."""
    with with_list() as (on, of):
        join(on, of, last=date(2026, 11, 5))
        on.clock.now = MONDAY_10 - timedelta(days=3)
        freed(on, of)

        assert (offers(on), kept()) == ((0, 0), [])
