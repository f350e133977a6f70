"""Killed before and after every single write: nothing is half done, a second try ends well, nothing comes twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import LinkUsedError, ProviderUnavailableError
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.notification import Notification
from chalicelib.records.session import Session
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.services.notifying.composing import reference_of
from chalicelib.services.notifying.dispatching import LEASE
from chalicelib.services.repeating import Repeatable
from tests.builders import MONDAY_10, NETWORK, VISITOR, Business, application, booked, link_in, wish
from tests.faults.soundness import assert_sound
from tests.services.looking import ledger, messages, now_of, stored, the
from tests.services.meddling import calls, killed_at
from tests.services.notifying.test_dispatching import confirmation, deliver, stored_now
from tests.services.prepared import open_business
from tests.services.reported import receipt, report
from tests.stage import Stage, stage

HOUR = timedelta(hours=1)
AFTER = pytest.mark.parametrize("after", [False, True])


def keyed(scope: str) -> Repeatable:
    """A request with an Idempotency-Key, as careful callers send it."""
    repeat = Repeatable.of("key-0001", scope=scope, content="the request")
    assert repeat is not None
    return repeat


def writes_of(act: Callable[[], object]) -> int:
    """How many writes an act makes when nobody is in its way."""
    with calls() as made:
        act()
    return made.count("TransactWriteItems")


def book(on: Stage, of: Business) -> Appointment:
    """Books as a careful caller."""
    return on.services.booking.book(wish(of, sms_wanted=True), network=NETWORK, repeat=keyed("book"))


def test_every_use_case_makes_the_writes_that_are_struck_below() -> None:
    """If one of them writes more often some day, the tests below must strike there too."""
    with open_business() as (on, of):
        assert writes_of(lambda: book(on, of)) == 1
        for verb, message in (("reschedule", "appointment-rescheduled"), ("cancel", "appointment-cancelled")):
            token = on.services.linking.self_service(the(Appointment))[verb]
            assert writes_of(_verb(on, verb, token)) == 1
            held = messages(message)[0]
            assert writes_of(lambda held=held: deliver(on, held)) == 2  # the claim, and the note
            event = receipt(on, held, Delivery.DELIVERED)
            assert writes_of(lambda event=event: report(on, event)) == 1
    with stage() as on:
        assert writes_of(lambda: register(on)) == 2  # the installation's first key, and the transaction
        on.pump()
        assert writes_of(lambda: on.services.registering.confirm(link_in(on.mails()[0].text), visitor=VISITOR)) == 1


@AFTER
def test_booking(after: bool) -> None:
    """All of it or nothing; the second try of the same request has the same outcome."""
    with open_business() as (on, of):
        with killed_at(1, after=after):
            book(on, of)
        assert_sound()
        assert len(stored(Appointment)) == after

        again = book(on, of)

        assert_sound()
        assert [each.id for each in stored(Appointment)] == [again.id]
        assert len(messages("appointment-confirmed")) == 2  # a mail and a text message


@AFTER
def test_booking_of_a_known_customer(after: bool) -> None:
    """Their period is extended with the appointment or not at all."""
    with open_business() as (on, of):
        booked(on, of, starts_at=MONDAY_10 - timedelta(days=3))
        with killed_at(1, after=after):
            book(on, of)
        assert_sound()

        book(on, of)

        assert_sound()
        assert len(stored(Appointment)) == 2


@AFTER
def test_cancelling(after: bool) -> None:
    """The time is free and the customer told, or neither; who tries again is told that it is done."""
    with open_business() as (on, of):
        held = book(on, of)
        token = on.services.linking.self_service(held)["cancel"]
        with killed_at(1, after=after):
            on.services.changing.cancel(token, network=NETWORK)
        assert_sound()
        assert now_of(held).state is (State.CANCELLED if after else State.CONFIRMED)

        if after:
            with pytest.raises(LinkUsedError):
                on.services.changing.cancel(token, network=NETWORK)
        else:
            on.services.changing.cancel(token, network=NETWORK)

        assert_sound()
        assert now_of(held).state is State.CANCELLED
        assert len(ledger(Action.APPOINTMENT_CANCELLED)) == 1


@AFTER
def test_moving(after: bool) -> None:
    """At the old time or at the new one, never at both or none."""
    with open_business() as (on, of):
        held = book(on, of)
        token = on.services.linking.self_service(held)["reschedule"]
        with killed_at(1, after=after):
            on.services.changing.move(token, MONDAY_10 + HOUR, network=NETWORK)
        assert_sound()
        assert now_of(held).starts_at == MONDAY_10 + after * HOUR

        if not after:
            on.services.changing.move(token, MONDAY_10 + HOUR, network=NETWORK)

        assert_sound()
        assert (now_of(held).starts_at, now_of(held).sequence) == (MONDAY_10 + HOUR, 1)


def register(on: Stage) -> None:
    """Registers as a careful caller."""
    on.services.registering.register(application(), network=NETWORK, repeat=keyed("registration"))


@AFTER
@pytest.mark.parametrize("write", [1, 2])
def test_registering(write: int, after: bool) -> None:
    """The installation's key comes first; tenant, people, claim, proof and all their keys come together."""
    with stage() as on:
        with killed_at(write, after=after):
            register(on)
        on.vault.forget("0" * 32)
        assert len(stored(Tenant)) == (write == 2 and after)
        assert_sound()

        register(on)

        assert_sound()
        assert len(stored(Tenant)) == len(stored(Notification)) == 1
        on.pump()
        assert on.services.registering.confirm(link_in(on.mails()[0].text), visitor=VISITOR)


@AFTER
def test_confirming(after: bool) -> None:
    """Whoever was confirmed without an answer signs in by a link."""
    with stage() as on:
        register(on)
        on.pump()
        token = link_in(on.mails()[0].text)
        with killed_at(1, after=after):
            on.services.registering.confirm(token, visitor=VISITOR)
        assert_sound()
        assert (the(Staff).unconfirmed_since is None) is after

        if after:
            on.services.signing_in.ask_for_link("regula@praxis-brunner.example", network=NETWORK)
            on.pump()
            on.services.signing_in.sign_in(link_in(on.mails()[1].text), visitor=VISITOR)
        else:
            on.services.registering.confirm(token, visitor=VISITOR)

        assert_sound()
        assert len(stored(Session)) == 1 + after


@AFTER
@pytest.mark.parametrize("write", [1, 2])
@pytest.mark.parametrize("can_tell", [True, False])
def test_dispatching(write: int, after: bool, can_tell: bool) -> None:
    """Never lost; sent twice only when killed between sending and noting, by a provider that can't tell."""
    with confirmation() as (on, _, held):
        with killed_at(write, after=after):
            deliver(on, held)
        assert_sound()
        if can_tell and on.mails():
            on.mailgun.known[reference_of(held)] = "mailgun-1"

        for _ in range(2):
            on.clock.now += LEASE
            on.pump()

        assert_sound()
        assert stored_now(held).state is Delivery.ACCEPTED
        twice = write == 2 and not after and not can_tell
        assert len(on.mails()) == 1 + twice


@AFTER
@pytest.mark.parametrize("write", [1, 2])
def test_failing_over(write: int, after: bool) -> None:
    """The first provider refuses, and the worker dies at the claim for the second."""
    with confirmation() as (on, _, held):
        on.mailgun.failures.append(ProviderUnavailableError("mailgun", "503"))
        with killed_at(write, after=after):
            deliver(on, held)
        assert_sound()

        for _ in range(2):
            on.clock.now += LEASE
            on.pump()

        assert_sound()
        assert stored_now(held).state is Delivery.ACCEPTED
        assert len(on.mails()) == 1


@AFTER
@pytest.mark.parametrize("delivery", [Delivery.DELIVERED, Delivery.BOUNCED])
def test_taking_in_a_receipt(after: bool, delivery: Delivery) -> None:
    """The provider got no answer and repeats its call: it counts once."""
    with confirmation() as (on, _, held):
        deliver(on, held)
        event = receipt(on, held, delivery, suppress=delivery is Delivery.BOUNCED)
        with killed_at(1, after=after):
            report(on, event)
        assert stored_now(held).state is (delivery if after else Delivery.ACCEPTED)

        report(on, event)

        assert stored_now(held).state is delivery
        assert len(ledger(Action.RECEIPT_TAKEN)) == 1
        assert len(stored_now(held).reports or ()) == 2


@AFTER
def test_a_whole_day_with_a_crash_at_every_step(after: bool) -> None:
    """Booked, confirmed, moved, told, cancelled, told: each step is struck once and tried again."""
    with open_business() as (on, of):
        with killed_at(1, after=after):
            book(on, of)
        held = book(on, of)
        _pump_with_crash(on, after=after)
        for verb in ("reschedule", "cancel"):
            token = on.services.linking.self_service(now_of(held))[verb]
            act = _verb(on, verb, token)
            with killed_at(1, after=after):
                act()
            if not after:
                act()
            _pump_with_crash(on, after=after)

        assert_sound()
        assert {each.state for each in stored(Notification) if each.about == held.id} == {Delivery.ACCEPTED}
        assert len(on.mails()) == len(on.texts()) == 3


def _verb(on: Stage, verb: str, token: str) -> Callable[[], object]:
    if verb == "cancel":
        return lambda: on.services.changing.cancel(token, network=NETWORK)
    return lambda: on.services.changing.move(token, MONDAY_10 + HOUR, network=NETWORK)


def _pump_with_crash(on: Stage, *, after: bool) -> None:
    """The first claim dies; both providers can tell what they have."""
    on.services.outbox.wake()
    with killed_at(1, after=after):
        on.drain()
    for _ in range(2):
        on.clock.now += LEASE
        on.pump()
