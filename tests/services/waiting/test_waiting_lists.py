"""Joining a waiting list and leaving it; what staff see of it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    LinkExpiredError,
    LinkUsedError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
)
from chalicelib.domain.states import RestrictionGround
from chalicelib.records.customer import Customer
from chalicelib.records.form_use import UsedForm
from chalicelib.records.waiting_entry import WaitingListEntry
from chalicelib.services.forms import FormUse
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import NETWORK, Business, booked, link_to
from tests.services.looking import ledger, messages, stored, the
from tests.services.offer_builders import BEAT, CLEO, HOUR, change_service, join, joining, person, with_list
from tests.stage import Stage

JOINED = "waiting-joined"


def listed(on: Stage, of: Business, caller: StaffSession | None = None) -> list[str]:
    """The addresses on the list, in order."""
    found, _ = on.services.waiting_lists.of_service(caller or of.session, of.service.id, network=NETWORK)
    return [each.email for each in found]


def form_of(on: Stage, number: int) -> FormUse:
    """A form that came back as it was handed out."""

    def refused(why: Any) -> Any:
        raise AssertionError(why)

    return FormUse("waiting", UsedForm.ref(f"{number:032x}"), on.clock.now + HOUR, refused)


def leave(on: Stage) -> None:
    """By the link of the latest mail."""
    on.pump()
    token = link_to(on, "waiting").removeprefix("leave=")
    on.services.waiting_lists.leave(token, network=NETWORK)


def test_people_stand_on_the_list_in_the_order_in_which_they_joined() -> None:
    """With what they wait for; each look is noted."""
    with with_list() as (on, of):
        for who in (person(**BEAT), person(), person(**CLEO)):
            join(on, of, who=who)

        assert listed(on, of) == ["beat@kunde.example", "anna.muster@kundin.example", "cleo@kundin.example"]
        assert len(ledger(Action.WAITING_JOINED)) == 3
        (look,) = ledger(Action.WAITING_LIST_READ)
        assert (look.actor, look.thing, look.network) == (of.expert, of.service.id, NETWORK)


def test_who_joins_is_told_so_with_a_link_to_leave() -> None:
    """Whoever it is whose address was given: they may not have done it themselves."""
    with with_list() as (on, of):
        join(on, of)
        on.pump()

        (mail,) = [each for each in on.mails() if "Warteliste" in each.subject]
        assert mail.to == "anna.muster@kundin.example"
        assert "Erstgespräch" in mail.text
        leave(on)
        assert stored(WaitingListEntry) == []
        assert len(ledger(Action.WAITING_LEFT)) == 1


def test_the_link_to_leave_works_once() -> None:
    """The second time says that it is done."""
    with with_list() as (on, of):
        join(on, of)
        leave(on)

        with pytest.raises(LinkUsedError):
            leave(on)


@pytest.mark.parametrize(("seconds", "open_"), [(-1, True), (0, False)])
def test_the_link_to_leave_ends_with_the_waiting(seconds: int, open_: bool) -> None:
    """At the end of the last day."""
    with with_list() as (on, of):
        join(on, of, last=date(2026, 11, 4))
        on.pump()
        on.clock.now = the(WaitingListEntry).until + timedelta(seconds=seconds)

        if open_:
            leave(on)
            return
        with pytest.raises(LinkExpiredError):
            leave(on)


def test_who_joins_twice_is_on_the_list_once_and_nobody_learns_it() -> None:
    """No error, no second mail; the place of the first time holds. Another service has another list."""
    with with_list() as (on, of):
        join(on, of)
        before = the(WaitingListEntry).joined_at

        join(on, of, who=person(email="Anna.Muster@KUNDIN.example", given_name="Anne"))

        assert the(WaitingListEntry).joined_at == before
        assert len(messages(JOINED)) == len(ledger(Action.WAITING_JOINED)) == len(stored(Customer)) == 1


def test_who_is_a_customer_already_joins_as_such() -> None:
    """One person, one entry for them; what they waited for lies with everything else about them."""
    with with_list() as (on, of):
        held = booked(on, of)

        join(on, of)

        assert the(WaitingListEntry).subject == held.subject
        assert len(stored(Customer)) == 1


def test_nobody_waits_for_longer_than_they_are_known() -> None:
    """A customer ends twelve months after their last appointment, and what they wait for with them."""
    with with_list() as (on, of):
        ended = booked(on, of).ends_at
        on.clock.now = ended + timedelta(days=330)

        join(on, of, first=date(2027, 10, 1), last=date(2028, 9, 30))

        assert the(WaitingListEntry).until == the(Customer).expires_at == ended.replace(year=2027)


def test_who_has_their_data_restricted_gets_the_same_answer() -> None:
    """And nothing is written, down to the form that is used up in either case."""
    with with_list() as (on, of):
        held = booked(on, of)
        on.services.restricting.restrict(of.session, held.subject, RestrictionGround.UNLAWFUL, network=NETWORK)

        on.services.waiting_lists.join(joining(of), form=form_of(on, 1), network=NETWORK)
        on.services.waiting_lists.join(joining(of, who=person(**BEAT)), form=form_of(on, 2), network=NETWORK)
        on.services.waiting_lists.join(joining(of, who=person(**BEAT)), form=form_of(on, 3), network=NETWORK)

        assert [each.email for each in stored(WaitingListEntry)] == ["beat@kunde.example"]
        assert len(stored(UsedForm)) == 3
        assert len(messages(JOINED)) == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"offer_minutes": None}, ConflictError),
        ({"archived_at": True}, ConflictError),
        ({}, InvalidInputError),
    ],
    ids=["no list", "archived", "past"],
)
def test_not_everything_can_be_waited_for(changes: dict[str, Any], error: type[Exception]) -> None:
    """A service that keeps no list, one that is not offered any more, days that are over."""
    with with_list() as (on, of):
        given = {name: on.clock.now if value is True else value for name, value in changes.items()}
        change_service(of, **given)

        with pytest.raises(error):
            join(on, of, **({} if changes else {"last": date(2026, 11, 1)}))
        assert (messages(JOINED), stored(WaitingListEntry)) == ([], [])


def test_who_wants_text_messages_gives_a_number() -> None:
    """As at booking."""
    with with_list() as (on, of), pytest.raises(InvalidInputError):
        join(on, of, who=person(phone=None), sms_wanted=True)


def test_only_of_an_expert_who_does_it() -> None:
    """And of a service and a business that are there."""
    with with_list() as (on, of):
        for wrong in (
            joining(of, expert="e" * 32),
            replace(joining(of), service="e" * 32),
            replace(joining(of), tenant="e" * 32),
        ):
            with pytest.raises(NotFoundError):
                on.services.waiting_lists.join(wrong, form=None, network=NETWORK)


def test_nobody_joins_while_the_business_is_closing() -> None:
    """It could not offer them anything."""
    with with_list() as (on, of):
        on.services.tenancies.cancel(of.session, network=NETWORK)

        with pytest.raises(ReadOnlyError):
            join(on, of)


def test_experts_see_the_lists_of_what_they_do() -> None:
    """Admins all; neither what is not there."""
    with with_list() as (on, of):
        join(on, of)
        expert = replace(of.session, roles=frozenset({"expert"}))
        other = replace(expert, staff="e" * 32)

        assert listed(on, of, expert) == ["anna.muster@kundin.example"]
        with pytest.raises(NotAllowedError):
            listed(on, of, other)
        with pytest.raises(NotAllowedError):
            on.services.waiting_lists.remove(other, of.service.id, stored(Customer)[0].subject, network=NETWORK)
        with pytest.raises(NotFoundError):
            on.services.waiting_lists.of_service(of.session, "e" * 32, network=NETWORK)


def test_staff_take_somebody_off_the_list() -> None:
    """Noted about the customer, who is told of it when they ask."""
    with with_list() as (on, of):
        join(on, of)
        customer = the(WaitingListEntry).subject

        on.services.waiting_lists.remove(of.session, of.service.id, customer, network=NETWORK)

        assert stored(WaitingListEntry) == []
        (entry,) = ledger(Action.WAITING_REMOVED)
        assert (entry.actor, entry.about, entry.thing) == (of.expert, customer, of.service.id)
        with pytest.raises(NotFoundError):
            on.services.waiting_lists.remove(of.session, of.service.id, customer, network=NETWORK)


def test_a_number_is_kept_only_where_it_is_needed() -> None:
    """For text messages, or when the appointment is a call."""
    with with_list() as (on, of):
        join(on, of)
        join(on, of, who=person(**BEAT), sms_wanted=True)

        assert [each.phone for each in stored(WaitingListEntry)] == [None, "+41795550123"]
