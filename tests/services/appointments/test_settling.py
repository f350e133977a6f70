"""What waits is confirmed, declined, paid for or lapses; each time one state, one message, and the sheets agree."""

from datetime import timedelta
from functools import partial

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, NotFoundError, SlotTakenError
from chalicelib.domain.states import RestrictionGround
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.payment import Payment
from chalicelib.records.reading import Ref
from chalicelib.records.writing import Transaction
from chalicelib.services.appointments import settling
from chalicelib.services.appointments.settling import Settling
from tests.builders import MONDAY_10, NETWORK, booked, business
from tests.services.freeing_builders import awaited
from tests.services.looking import busy_owners, ledger, messages, now_of, stored, the
from tests.services.meddling import before_commit, killed_at
from tests.services.waiting_builders import (
    HOUR,
    MINUTE,
    SECOND,
    confirm,
    confirming_business,
    decline,
    offer,
    paying_business,
)
from tests.stage import Stage, stage

DAY = timedelta(days=1)


def nothing(_: Transaction) -> None:
    """What the money adds: nothing here."""


def pay(on: Stage, held: Appointment) -> None:
    """The price came."""
    on.services.settling.paid(held.tenant, held.subject, held.id, also=nothing)


def mails(on: Stage, word: str) -> list[str]:
    """What was sent by now whose subject has the word."""
    on.pump()
    return [mail.text for mail in on.mails() if word in mail.subject]


def test_a_pending_appointment_holds_its_time_and_says_so() -> None:
    """To the customer with a tentative entry for the calendar, to the expert at once and at half time; no reminder."""
    with confirming_business() as (on, of):
        held = booked(on, of)

        assert (held.state, held.lapses_at) == (State.PENDING, on.clock.now + 2 * HOUR)
        assert busy_owners() == [held.id]
        assert messages("appointment-confirmed") == messages("appointment-reminder") == []
        asked = messages("confirmation-wanted")
        assert [(each.subject, each.send_at) for each in asked] == [
            (of.expert, on.clock.now),
            (of.expert, on.clock.now + HOUR),
        ]
        assert len(mails(on, "Anfrage ist eingegangen")) == 1
        (file,) = next(mail.attachments for mail in on.mails() if "Anfrage ist" in mail.subject)
        assert b"METHOD:REQUEST" in file.content
        assert b"STATUS:TENTATIVE" in file.content
        (wanted,) = mails(on, "wartet auf Sie")
        assert "Erstgespräch" in wanted
        assert "Anna" not in wanted


def test_the_expert_is_reminded_once_at_half_time() -> None:
    """Not before it, and not once it was decided."""
    with confirming_business() as (on, of):
        booked(on, of)
        decided = booked(on, of, starts_at=MONDAY_10 + 2 * HOUR, email="zwei@kunden.example")
        assert len(mails(on, "wartet auf Sie")) == 2
        confirm(on, of, decided)

        on.clock.now += HOUR - 2 * MINUTE
        assert len(mails(on, "wartet auf Sie")) == 2
        on.clock.now += 2 * MINUTE

        assert len(mails(on, "wartet auf Sie")) == 3


def test_confirming_makes_it_stand_for_good() -> None:
    """A higher sequence, reminders, a file that says so; its time does not lapse any more."""
    with confirming_business() as (on, of):
        held = booked(on, of)

        confirmed = confirm(on, of, held)

        assert (confirmed.state, confirmed.lapses_at, confirmed.sequence) == (State.CONFIRMED, None, 1)
        assert len(messages("appointment-reminder")) == 1
        assert [each.actor for each in ledger(Action.APPOINTMENT_CONFIRMED)] == [of.expert]
        mails(on, "Ihr Termin ist bestätigt")
        (file,) = next(mail.attachments for mail in on.mails() if "bestätigt:" in mail.subject)
        assert b"SEQUENCE:1" in file.content
        assert b"STATUS:CONFIRMED" in file.content
        on.clock.now += 3 * HOUR
        assert on.services.settling.lapse_due().lapsed == 0
        with pytest.raises(SlotTakenError):
            booked(on, of, email="spaet@kunden.example")


def test_confirming_again_changes_nothing() -> None:
    """No second message, no second entry."""
    with confirming_business() as (on, of):
        held = booked(on, of)
        confirm(on, of, held)

        assert confirm(on, of, held).sequence == 1
        assert len(messages("appointment-confirmed")) == len(ledger(Action.APPOINTMENT_CONFIRMED)) == 1


def test_declining_gives_the_time_back_and_tells_the_customer() -> None:
    """Once; and it can't be confirmed any more."""
    with confirming_business(offer_minutes=60) as (on, of):
        awaited(on, of)
        held = booked(on, of)

        assert decline(on, of, held).state is State.DECLINED
        assert decline(on, of, held).sequence == 1

        assert busy_owners() == []
        assert len(stored(FreedTime)) == len(ledger(Action.APPOINTMENT_DECLINED)) == 1
        assert len(mails(on, "Anfrage wurde abgelehnt")) == 1
        (file,) = next(mail.attachments for mail in on.mails() if "abgelehnt" in mail.subject)
        assert b"METHOD:CANCEL" in file.content
        with pytest.raises(ConflictError):
            confirm(on, of, held)
        on.clock.move(minutes=3)  # until then those who wait are asked
        assert booked(on, of, email="andere@kunden.example")


@pytest.mark.parametrize(("seconds", "state"), [(-1, State.PENDING), (0, State.LAPSED), (1, State.LAPSED)])
def test_it_lapses_to_the_second(seconds: int, state: State) -> None:
    """Until then its time is taken, from then on it is free; customer and expert are told."""
    with confirming_business() as (on, of):
        held = booked(on, of)
        on.clock.now += 2 * HOUR + seconds * SECOND

        assert on.services.settling.lapse_due().lapsed == (state is State.LAPSED)

        assert now_of(held).state is state
        told = int(state is State.LAPSED)
        assert len(mails(on, "Ihr Termin ist verfallen")) == len(ledger(Action.APPOINTMENT_LAPSED)) == told
        assert len(mails(on, "Eine Anfrage ist verfallen")) == told
        assert on.services.settling.lapse_due().lapsed == 0


@pytest.mark.parametrize("marked", [False, True])
@pytest.mark.parametrize("taken", [False, True])
def test_who_confirms_late_is_lucky_or_not(marked: bool, taken: bool) -> None:
    """Whether or not it was marked as lapsed by then: what counts is whether the time is still free."""
    with confirming_business() as (on, of):
        held = booked(on, of)
        on.clock.now += 2 * HOUR
        if marked:
            on.services.settling.lapse_due()
        if taken:
            booked(on, of, email="schneller@kunden.example")

        if taken:
            with pytest.raises(SlotTakenError):
                confirm(on, of, held)
        else:
            confirm(on, of, held)

        assert now_of(held).state is (State.CONFIRMED if not taken else State.LAPSED if marked else State.PENDING)
        assert len(busy_owners()) == 1


@pytest.mark.parametrize("late", [False, True])
def test_nothing_is_decided_after_the_start(late: bool) -> None:
    """It waits until its start at the latest."""
    with confirming_business(minutes=60 * 24 * 30) as (on, of):
        held = booked(on, of)
        assert held.lapses_at == MONDAY_10

        on.clock.now = MONDAY_10 - SECOND * (not late)
        if late:
            with pytest.raises(ConflictError):
                confirm(on, of, held)
        else:
            assert confirm(on, of, held).state is State.CONFIRMED


@pytest.mark.parametrize(("confirms", "state"), [(None, State.CONFIRMED), (60, State.PENDING)])
def test_what_is_paid_holds_or_waits_for_its_expert(confirms: int | None, state: State) -> None:
    """And is then told, or asked for."""
    with paying_business(confirm_within=confirms) as (on, of):
        held = booked(on, of)
        assert (held.state, held.lapses_at) == (State.UNPAID, on.clock.now + 30 * MINUTE)

        pay(on, held)

        now = now_of(held)
        assert (now.state, now.paid_at, now.sequence) == (state, on.clock.now, 1)
        assert len(messages("appointment-confirmed")) == (confirms is None)
        assert len(messages("confirmation-wanted")) == 2 * (confirms is not None)
        with pytest.raises(ConflictError):
            pay(on, held)


def test_who_did_not_pay_is_not_confirmed() -> None:
    """Neither while it waits for the money nor afterwards; the expert never heard of it."""
    with paying_business() as (on, of):
        held = booked(on, of)
        with pytest.raises(ConflictError):
            confirm(on, of, held)

        on.clock.now += 30 * MINUTE
        on.services.settling.lapse_due()

        with pytest.raises(ConflictError):
            confirm(on, of, held)
        assert now_of(held).state is State.LAPSED
        assert messages("confirmation-missed") == messages("confirmation-wanted") == []


@pytest.mark.parametrize("taken", [False, True])
def test_who_pays_late_is_lucky_or_hears_so(taken: bool) -> None:
    """The money is taken for a time that is still free, and else goes back."""
    with paying_business() as (on, of):
        held = booked(on, of)
        on.clock.now += 31 * MINUTE
        on.services.settling.lapse_due()
        if taken:
            booked(on, of, email="schneller@kunden.example")
            with pytest.raises(SlotTakenError):
                pay(on, held)
        else:
            pay(on, held)

        assert now_of(held).state is (State.LAPSED if taken else State.CONFIRMED)


def test_who_had_the_processing_restricted_is_not_written_to() -> None:
    """Their appointment still ends, so that nothing waits for ever."""
    with confirming_business() as (on, of):
        held = booked(on, of)
        on.services.restricting.restrict(of.session, held.subject, RestrictionGround.UNLAWFUL, network=NETWORK)
        on.clock.now += 2 * HOUR

        assert on.services.settling.lapse_due().lapsed == 1

        assert (now_of(held).state, busy_owners()) == (State.LAPSED, [])
        assert messages("appointment-lapsed") == messages("confirmation-missed") == []
        assert on.services.settling.lapse_due().lapsed == 0


def test_who_had_the_processing_restricted_may_still_pay() -> None:
    """It is their own wish, and noted as the exception that it is."""
    with paying_business() as (on, of):
        held = booked(on, of)
        on.services.restricting.restrict(of.session, held.subject, RestrictionGround.UNLAWFUL, network=NETWORK)

        pay(on, held)

        assert now_of(held).state is State.CONFIRMED
        noted = ledger(Action.CUSTOMER_EXCEPTION_READ, Action.CUSTOMER_EXCEPTION_WRITTEN)
        assert {each.about for each in noted} == {held.subject}


def test_what_was_paid_goes_back_whatever_was_restricted() -> None:
    """Giving money back is nobody's choice."""
    with paying_business(confirm_within=60) as (on, of):
        held = booked(on, of)
        pay(on, held)
        on.services.restricting.restrict(of.session, held.subject, RestrictionGround.UNLAWFUL, network=NETWORK)
        on.clock.now += HOUR

        assert on.services.settling.lapse_due().lapsed == 1

        assert int(the(Payment).to_refund) == 12_000


@pytest.mark.parametrize("lapse_first", [False, True])
def test_of_confirming_and_lapsing_at_once_both_come_to_one_end(lapse_first: bool) -> None:
    """Whoever writes first; the other sees it. Late or not, it is confirmed, and told of as it is."""
    with confirming_business() as (on, of):
        held = booked(on, of)
        on.clock.now += 2 * HOUR
        lapse, agree = on.services.settling.lapse_due, partial(confirm, on, of, held)

        with before_commit(lapse if lapse_first else agree):
            _ = agree() if lapse_first else lapse()

        assert now_of(held).state is State.CONFIRMED
        assert busy_owners() == [held.id]
        assert len(messages("appointment-lapsed")) == lapse_first


def test_a_killed_run_leaves_whole_steps_behind() -> None:
    """Each appointment is one transaction: the next run does what is left."""
    with confirming_business() as (on, of):
        every = [booked(on, of, starts_at=MONDAY_10 + n * HOUR, email=f"k{n}@kunden.example") for n in range(3)]
        on.clock.now += 2 * HOUR

        with killed_at(2):
            on.services.settling.lapse_due()
        assert sum(now_of(each).state is State.LAPSED for each in every) == 1

        assert on.services.settling.lapse_due().lapsed == 2
        assert len(messages("appointment-lapsed")) == 3


def test_a_run_stops_in_time_and_one_failure_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left is counted; what is wrong with one is raised when the others are done."""
    with confirming_business() as (on, of):
        every = [booked(on, of, starts_at=MONDAY_10 + n * HOUR, email=f"k{n}@kunden.example") for n in range(3)]
        on.clock.now += 2 * HOUR
        turns = iter([True, False, False])
        told = on.services.settling.lapse_due(may_go_on=lambda: next(turns))
        assert (told.lapsed, told.waiting) == (1, 2)

        real, bad = Settling._lapse, next(each for each in every if now_of(each).state is State.PENDING)

        def lapse(self: Settling, ref: object) -> bool:
            if getattr(ref, "sk", "").endswith(bad.id):
                raise ZeroDivisionError
            return real(self, ref)  # type: ignore[arg-type]

        monkeypatch.setattr(Settling, "_lapse", lapse)
        with pytest.raises(ZeroDivisionError):
            on.services.settling.lapse_due()

        assert sorted(now_of(each).state.value for each in every) == ["lapsed", "lapsed", "pending"]


def test_businesses_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has much to end does not keep the others waiting."""
    with stage() as on:
        busy, calm = business(on), business(on, email="zweite@praxis-zwei.example")
        for of in (busy, calm):
            offer(on, of, confirm_within=60)
        many = [booked(on, busy, starts_at=MONDAY_10 + n * HOUR, email=f"k{n}@kunden.example") for n in range(3)]
        quiet = booked(on, calm)
        on.clock.now += HOUR
        due = [Ref(Appointment, each.pk, each.sk) for each in (*many, quiet)]
        monkeypatch.setattr(settling, "_due", lambda _: due)
        turns = iter([True, True, False, False])

        on.services.settling.lapse_due(may_go_on=lambda: next(turns))

        assert now_of(quiet).state is State.LAPSED


@pytest.mark.parametrize("how", ["declined", "lapsed"])
def test_what_was_paid_for_nothing_goes_back_in_full(how: str) -> None:
    """Whatever the rules say of customers who cancel: here the business did not confirm."""
    with paying_business(confirm_within=60) as (on, of):
        held = booked(on, of)
        pay(on, held)

        if how == "declined":
            decline(on, of, held)
        else:
            on.clock.now += HOUR
            on.services.settling.lapse_due()

        assert int(the(Payment).to_refund) == 12_000
        assert the(Payment).next_at == on.clock.now


def test_what_is_gone_is_not_found() -> None:
    """As what never was."""
    with confirming_business() as (on, of), pytest.raises(NotFoundError):
        on.services.deciding.confirm(of.session, "1" * 32, "2" * 32, network=NETWORK)


def test_what_was_paid_back_is_not_confirmed_for_nothing() -> None:
    """Paid in time and confirmed too late: the money goes back, and so the appointment is over."""
    with paying_business(confirm_within=60) as (on, of):
        held = booked(on, of)
        pay(on, held)
        on.clock.move(minutes=60)
        on.services.settling.lapse_due()
        assert the(Payment).to_refund == 12_000

        with pytest.raises(ConflictError, match="book it anew"):
            confirm(on, of, held)

        assert now_of(held).state is State.LAPSED
