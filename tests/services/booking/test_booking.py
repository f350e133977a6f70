"""What a booking leaves behind, who it is about, what it costs, and what comes of it the second time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import IdempotencyMismatchError, InvalidInputError, NotFoundError, SlotTakenError
from chalicelib.domain.handling import Source
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.availability import Availability
from chalicelib.records.customer import Customer, CustomerAddress
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.idempotency import Idempotency
from chalicelib.records.keys import SubjectKey
from chalicelib.records.notification import Notification
from chalicelib.records.writing import Transaction
from chalicelib.services.repeating import Repeatable
from tests.builders import MONDAY_10, NETWORK, Business, booked, business, weekdays, wish
from tests.services.looking import busy_owners, ledger, messages, now_of, stored, the
from tests.services.meddling import before_commit, calls
from tests.services.prepared import open_business
from tests.stage import Stage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
YEAR_LATER = datetime(2027, 11, 9, 10, 0, tzinfo=UTC)  # twelve months after the end of an appointment at MONDAY_10


def keyed(key: str = "key-0001", content: str = "the request") -> Repeatable:
    """A request with an Idempotency-Key."""
    repeat = Repeatable.of(key, scope="book", content=content)
    assert repeat is not None
    return repeat


def book_keyed(on: Stage, of: Business, repeat: Repeatable, **changes: Any) -> Appointment:
    """Books with an Idempotency-Key."""
    return on.services.booking.book(wish(of, **changes), network=NETWORK, repeat=repeat)


def test_a_booking_stores_appointment_customer_and_what_is_to_be_said() -> None:
    """All of it in one transaction, with one entry in the ledger."""
    with open_business() as (on, of):
        with calls() as made:
            booked(on, of)

        held, person = the(Appointment), the(Customer)
        assert made.count("TransactWriteItems") == 1
        assert (held.state, held.sequence, held.ends_at) == (State.CONFIRMED, 0, MONDAY_10 + HOUR)
        assert held.came_from() is Source.SUBJECT
        assert (held.given_name, held.email, held.phone) == ("Anna", "anna.muster@kundin.example", None)
        assert (held.subject, the(CustomerAddress).of_customer) == (person.subject, person.subject)
        assert busy_owners() == [held.id]
        assert [each.about for each in messages("appointment-confirmed")] == [held.id]
        entry = ledger(Action.APPOINTMENT_BOOKED)[0]
        assert (entry.about, entry.thing, entry.network) == (person.subject, held.id, NETWORK)


def test_the_reminder_waits_for_its_time() -> None:
    """A day ahead, and the appointment knows which it is."""
    with open_business() as (on, of):
        booked(on, of)

        reminder = messages("appointment-reminder")[0]
        assert (reminder.send_at, reminder.useless_at) == (MONDAY_10 - DAY, MONDAY_10)
        assert the(Appointment).unsent == {reminder.id}


@pytest.mark.parametrize(("lead", "reminders"), [(-1, 1), (0, 0), (1, 0)])
def test_a_reminder_that_would_come_too_late_is_not_planned(lead: int, reminders: int) -> None:
    """Booked less than a day ahead, the confirmation is reminder enough."""
    with open_business() as (on, of):
        on.clock.now = MONDAY_10 - DAY + timedelta(seconds=lead)

        booked(on, of)

        assert len(messages("appointment-reminder")) == reminders
        assert len(the(Appointment).unsent or ()) == reminders


def test_text_messages_need_a_wish_and_a_number() -> None:
    """Without a number, the answer names the field; without the wish, the number is not kept with the appointment."""
    with open_business() as (on, of):
        with pytest.raises(InvalidInputError) as refused:
            booked(on, of, sms_wanted=True, phone=None)
        assert refused.value.field == "customer.phone"

        first = booked(on, of)
        second = booked(on, of, starts_at=MONDAY_10 + HOUR, sms_wanted=True)

        assert (first.phone, second.phone) == (None, "+41795550123")
        channels = sorted(each.channel for each in stored(Notification) if each.about == second.id)
        assert channels == ["email", "email", "sms", "sms"]
        assert {each.channel for each in stored(Notification) if each.about == first.id} == {"email"}


def test_nothing_about_the_customer_is_stored_in_the_clear() -> None:
    """No value, in no table, in no key."""
    with open_business() as (on, of):
        booked(on, of, sms_wanted=True)

        kinds = (Appointment, Customer, CustomerAddress, Notification, DaySheet, Idempotency)
        text = repr([each.serialize() for kind in kinds for each in stored(kind)])
        assert not [value for value in ("Anna", "Muster", "muster", "kundin", "5550123") if value in text]


def test_a_known_customer_is_recognised_by_the_address() -> None:
    """However it is written, there is one person, with one key."""
    with open_business() as (on, of):
        keys = len(stored(SubjectKey))
        first = booked(on, of)
        second = booked(on, of, starts_at=MONDAY_10 + HOUR, email="Anna.MUSTER@kundin.example")

        assert first.subject == second.subject == the(Customer).subject
        assert len(stored(SubjectKey)) == keys + 1


def test_what_a_known_customer_gave_first_is_not_overwritten() -> None:
    """Anyone can type an address: the entry stays, the appointment has what was given for it."""
    with open_business() as (on, of):
        booked(on, of)

        second = booked(on, of, starts_at=MONDAY_10 + HOUR, given_name="Eve", phone="+41790000000")

        person = the(Customer)
        assert (person.given_name, person.phone) == ("Anna", "+41795550123")
        assert now_of(second).given_name == "Eve"


def test_the_same_address_at_another_business_is_another_person() -> None:
    """Tenants don't learn of each other's customers."""
    with open_business() as (on, of):
        other = business(on, email="urs@andere.example")

        assert booked(on, of).subject != booked(on, other).subject
        assert len(stored(Customer)) == 2


@pytest.mark.parametrize(("days", "ends"), [(7, YEAR_LATER + 7 * DAY), (-4, YEAR_LATER)])
def test_a_customer_is_kept_as_long_as_the_last_appointment_asks_for(days: int, ends: datetime) -> None:
    """A later one extends the entry and the claim of the address alike, an earlier one neither."""
    with open_business() as (on, of):
        booked(on, of)

        booked(on, of, starts_at=MONDAY_10 + days * DAY)

        assert (the(Customer).expires_at, the(CustomerAddress).expires_at) == (ends, ends)


def test_a_customer_ends_with_their_last_appointment_whatever_zone_they_are_in() -> None:
    """Otherwise their key would go before the appointment that it opens: the leap day counts in one zone only."""
    with open_business() as (on, of):
        on.clock.now = datetime(2027, 2, 20, 8, 0, tzinfo=UTC)
        at = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)

        booked(on, of, starts_at=at, zone="Pacific/Honolulu")  # where it is February still

        ends = {the(kind).expires_at for kind in (Appointment, Customer, CustomerAddress)}
        assert ends == {datetime(2028, 3, 1, 9, 0, tzinfo=UTC)}


def test_a_customer_who_is_erased_meanwhile_is_a_new_person() -> None:
    """Found when reading, gone when writing: no appointment is left with nobody."""
    with open_business() as (on, of):
        first = booked(on, of)

        def erase() -> None:
            transaction = Transaction()
            for record in (the(Customer), the(CustomerAddress)):
                transaction.delete(record)
            transaction.discard(SubjectKey.ref(of.tenant, first.subject))
            transaction.commit()

        with before_commit(erase):
            second = booked(on, of, starts_at=MONDAY_10 - 4 * DAY)

        assert second.subject == the(Customer).subject != first.subject


@pytest.mark.parametrize(("seconds", "same"), [(-1, True), (0, False), (1, False)])
def test_a_customer_whose_time_is_over_is_a_new_person(seconds: int, same: bool) -> None:
    """To the second, and without waiting for the sweep."""
    with open_business() as (on, of):
        first = booked(on, of)
        on.clock.now = YEAR_LATER + timedelta(seconds=seconds)

        second = booked(on, of, starts_at=datetime(2027, 11, 15, 9, 0, tzinfo=UTC), given_name="New")

        assert (first.subject == second.subject) is same
        assert the(CustomerAddress).of_customer == second.subject
        on.services.sweeping.run()
        assert the(Customer).given_name == ("Anna" if same else "New")


def test_the_same_request_has_the_same_outcome() -> None:
    """One appointment, one confirmation, whatever has become of the time since."""
    with open_business() as (on, of):
        first = book_keyed(on, of, keyed())
        again = book_keyed(on, of, keyed())

        assert (first.id, first.given_name) == (again.id, again.given_name)
        assert len(stored(Appointment)) == len(messages("appointment-confirmed")) == 1


def test_the_outcome_stays_when_the_time_is_past() -> None:
    """A repeated request is not judged anew."""
    with open_business() as (on, of):
        on.clock.now = MONDAY_10 - 2 * HOUR
        first = book_keyed(on, of, keyed())

        on.clock.now = MONDAY_10 + timedelta(minutes=1)

        assert book_keyed(on, of, keyed()).id == first.id


@pytest.mark.parametrize(("seconds", "remembered"), [(-1, True), (0, False), (1, False)])
def test_a_key_is_remembered_for_a_day(seconds: int, remembered: bool) -> None:
    """Afterwards the same request is a new one, and the time is taken."""
    with open_business() as (on, of):
        first = book_keyed(on, of, keyed())
        on.clock.now += DAY + timedelta(seconds=seconds)

        if remembered:
            assert book_keyed(on, of, keyed()).id == first.id
        else:
            with pytest.raises(SlotTakenError):
                book_keyed(on, of, keyed())


def test_a_key_with_another_request_is_refused() -> None:
    """One key, one request; and nothing is booked."""
    with open_business() as (on, of):
        book_keyed(on, of, keyed())

        with pytest.raises(IdempotencyMismatchError):
            book_keyed(on, of, keyed(content="another"), starts_at=MONDAY_10 + HOUR)

        assert len(stored(Appointment)) == 1


def test_a_request_that_failed_can_be_repeated_with_its_key() -> None:
    """Only an outcome is remembered."""
    with open_business() as (on, of):
        held = booked(on, of)
        with pytest.raises(SlotTakenError):
            book_keyed(on, of, keyed())
        on.services.changing.cancel(on.services.linking.self_service(held)["cancel"], network=NETWORK)

        assert book_keyed(on, of, keyed())


def test_two_requests_with_one_key_at_once_book_once() -> None:
    """The slower one gets the outcome of the faster one."""
    with open_business() as (on, of):
        first: list[Appointment] = []

        with before_commit(lambda: first.append(book_keyed(on, of, keyed()))):
            second = book_keyed(on, of, keyed())

        assert [each.id for each in first] == [second.id] == [the(Appointment).id]


def test_the_outcome_of_a_repeated_request_may_be_gone() -> None:
    """Then there is nothing to show."""
    with open_business() as (on, of):
        held = book_keyed(on, of, keyed())
        on.clock.now += timedelta(hours=1)
        held.delete()

        with pytest.raises(NotFoundError):
            book_keyed(on, of, keyed())


def test_a_new_customer_costs_the_round_trips_of_a_known_one() -> None:
    """With an Idempotency-Key too: or the time of an answer would tell strangers whose customers people are."""
    with open_business() as (on, of):
        booked(on, of, email="warm@kunden.example")

        with calls() as first:
            book_keyed(on, of, keyed(), starts_at=MONDAY_10 + HOUR)
        with calls() as second:
            book_keyed(on, of, keyed("key-0002"), starts_at=MONDAY_10 + 2 * HOUR)

        assert first == second == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]


def test_a_booking_asks_nothing_of_the_key_management_when_warm() -> None:
    """The tenant's key is in memory; people's keys are wrapped by it."""
    with open_business() as (on, of):
        booked(on, of)
        before = on.kms.calls

        booked(on, of, starts_at=MONDAY_10 + HOUR)
        booked(on, of, starts_at=MONDAY_10 + 2 * HOUR, email="beat@kunde.example")

        assert on.kms.calls == before


def test_a_sheet_that_was_emptied_can_be_written_on_again() -> None:
    """The day's version goes on, it is not created anew."""
    with open_business() as (on, of):
        held = booked(on, of)
        on.services.changing.cancel(on.services.linking.self_service(held)["cancel"], network=NETWORK)

        again = booked(on, of)

        assert busy_owners() == [again.id]
        assert the(DaySheet).version == 3


def test_hours_of_another_zone_do_not_change_the_stored_time() -> None:
    """The expert works in Lisbon: nine there is ten in Zurich."""
    with open_business() as (on, of):
        hours = the(Availability)
        rules = weekdays(9 * 60, 10 * 60, zone="Europe/Lisbon")
        on.services.offering.set_availability(
            of.session, of.expert, rules, version=int(hours.version or 0), network=NETWORK
        )

        assert booked(on, of).starts_at == MONDAY_10
