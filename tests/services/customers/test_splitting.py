"""Appointments go over to a new person, whole or not at all, and come back."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, InvalidInputError, LinkInvalidError, NotFoundError
from chalicelib.records.appointment import Appointment
from chalicelib.records.customer import Customer
from chalicelib.records.customer_join import Split
from chalicelib.records.keys import SubjectKey
from chalicelib.records.reading import fetch
from chalicelib.services.customers import splitting
from chalicelib.services.customers.splitting import Parting
from chalicelib.services.repeating import Repeatable
from tests.builders import MONDAY_10, NETWORK, Business, booked, business, link_in
from tests.services.customers.customer_builders import nobody, person
from tests.services.looking import busy_owners, ledger, stored, the
from tests.stage import Stage, stage

LENA = person(given_name="Lena", family_name="Muster", email="lena@kundin.example")


def three(on: Stage, of: Business) -> list[Appointment]:
    """Appointments of one entry."""
    return [booked(on, of, starts_at=MONDAY_10 + timedelta(hours=each)) for each in range(3)]


def split(on: Stage, of: Business, held: list[Appointment], who: Any = LENA, repeat: Repeatable | None = None) -> Split:
    """Gives them to somebody."""
    parting = Parting(appointments=[each.id for each in held], person=who)
    return on.services.splitting.split(of.session, held[0].subject, parting, network=NETWORK, repeat=repeat)


def whose() -> dict[str, str]:
    """Under whom each appointment lies."""
    return {each.id: each.subject for each in stored(Appointment)}


def test_appointments_go_over_under_the_new_key_with_new_links() -> None:
    """Their time stays theirs; the old links end, new ones go to the new address; reminders go along."""
    with stage() as on:
        of = business(on)
        first, second, third = three(on, of)
        on.pump()
        old, before = on.services.linking.self_service(second)["cancel"], len(on.mails())

        made = split(on, of, [second, third])

        assert whose() == {first.id: first.subject, second.id: made.other, third.id: made.other}
        assert sorted(busy_owners()) == sorted([first.id, second.id, third.id])
        assert {each.given_name for each in stored(Appointment) if each.subject == made.other} == {"Lena"}
        with pytest.raises((NotFoundError, LinkInvalidError)):
            on.services.showing.show(old, network=NETWORK)
        on.pump()
        mails = on.mails()[before:]
        assert {each.to for each in mails} == {"lena@kundin.example"}
        assert len(mails) == 2
        assert "lena" not in str(first.email)
        on.clock.now = MONDAY_10 - timedelta(hours=22)
        on.pump()
        assert sum(each.to == "lena@kundin.example" for each in on.mails()[before + 2 :]) == 2
        about = {each.about for each in ledger(Action.APPOINTMENT_REASSIGNED)}
        assert about == {first.subject, made.other}
        assert link_in(mails[0].text)


@pytest.mark.parametrize("killed_at", [0, 1, 2], ids=["before-the-first", "between", "before-the-end"])
def test_what_was_interrupted_is_completed_by_asking_again(killed_at: int) -> None:
    """At no time is an appointment lost or there twice."""
    with stage() as on:
        of = business(on)
        held = three(on, of)
        repeat = Repeatable.of("a-key-of-one", scope="splits", content="the same")

        with _killed(killed_at), pytest.raises(KeyboardInterrupt):
            split(on, of, held[1:], repeat=repeat)
        assert sorted(whose()) == sorted(each.id for each in held)
        made = split(on, of, held[1:], repeat=repeat)

        assert list(whose().values()).count(made.other) == 2
        assert (len(stored(Customer)), the(Split).done_at) == (2, made.done_at)


def _killed(at: int) -> Any:
    """A process that ends before it hands on the appointment with this number, or marks the end."""
    left, hand_on, mark = [at], splitting.hand_on, splitting._mark

    def count(do: Any, *said: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return do(*said, **named)

    return mock.patch.multiple(
        splitting,
        hand_on=lambda *said, **named: count(hand_on, *said, **named),
        _mark=lambda *said, **named: count(mark, *said, **named),
    )


def test_undone_they_come_back_and_the_new_person_ends() -> None:
    """With their key, at the next sweep; their address is free again."""
    with stage() as on:
        of = business(on)
        held = three(on, of)
        made = split(on, of, held[1:])

        on.services.splitting.undo(of.session, made.subject, made.id, network=NETWORK)

        assert set(whose().values()) == {held[0].subject}
        on.vault.preload(of.tenant, [held[0].subject])
        assert {each.given_name for each in stored(Appointment)} == {"Anna"}
        on.clock.now += timedelta(seconds=1)
        on.services.sweeping.run()
        assert fetch(SubjectKey.ref(of.tenant, made.other)) is None
        assert [each.subject for each in stored(Customer)] == [made.subject]
        assert booked(on, of, email="lena@kundin.example", starts_at=MONDAY_10 + timedelta(days=1)).subject not in {
            made.subject,
            made.other,
        }


def test_who_books_while_it_is_undone_stays() -> None:
    """The appointments went back; the person to whom they had gone has one of their own by then, and its key."""
    with stage() as on:
        of = business(on)
        held = three(on, of)
        made = split(on, of, held[1:])
        with _killed(0), pytest.raises(KeyboardInterrupt):
            on.services.splitting.undo(of.session, made.subject, made.id, network=NETWORK)  # before it was decided
        with _killed(1), pytest.raises(KeyboardInterrupt):
            on.services.splitting.undo(of.session, made.subject, made.id, network=NETWORK)  # and right after it
        own = booked(on, of, email="lena@kundin.example", starts_at=MONDAY_10 + timedelta(days=1))

        on.services.splitting.undo(of.session, made.subject, made.id, network=NETWORK)

        assert whose() == {**{each.id: made.subject for each in held}, own.id: made.other}
        on.clock.now += timedelta(seconds=1)
        on.services.sweeping.run()
        assert fetch(SubjectKey.ref(of.tenant, made.other)) is not None
        assert the(Split).undone_at is not None


def test_the_number_stays_the_one_with_which_text_messages_were_wished() -> None:
    """Nobody wished any to the number that staff enter; undone, the address comes back as well."""
    with stage() as on:
        of = business(on)
        booked(on, of)
        second = booked(on, of, phone="+41795550001", sms_wanted=True, starts_at=MONDAY_10 + timedelta(hours=1))
        made = split(on, of, [second], person(email="lena@kundin.example", phone="+41795559999"))
        assert _reached(on, made.other, second) == ("lena@kundin.example", "+41795550001")

        on.services.splitting.undo(of.session, made.subject, made.id, network=NETWORK)

        assert _reached(on, made.subject, second) == (second.email, "+41795550001")


def _reached(on: Stage, customer: str, appointment: Appointment) -> tuple[str, str | None]:
    held = next(each for each in stored(Appointment) if each.id == appointment.id)
    assert held.subject == customer
    on.vault.preload(held.tenant, [customer])
    return held.email, held.phone


def test_it_is_not_undone_once_the_new_person_has_more() -> None:
    """Then the two can be merged."""
    with stage() as on:
        of = business(on)
        held = three(on, of)
        made = split(on, of, held[1:])
        booked(on, of, email="lena@kundin.example", starts_at=MONDAY_10 + timedelta(days=1))

        with pytest.raises(ConflictError, match="merge"):
            on.services.splitting.undo(of.session, made.subject, made.id, network=NETWORK)

        assert list(whose().values()).count(made.other) == 3


def test_only_appointments_of_the_entry_go_over() -> None:
    """And none to an address that is somebody's already."""
    with stage() as on:
        of = business(on)
        held = three(on, of)
        other = booked(on, of, email="b@kunde.example", starts_at=MONDAY_10 + timedelta(days=1))

        with pytest.raises(InvalidInputError):
            split(on, of, [held[0], other])
        with pytest.raises(ConflictError):
            split(on, of, held[1:], person(email="b@kunde.example"))
        assert stored(Split) == []
        assert split(on, of, held[2:], nobody("Lena", "Muster")).done_at is not None
