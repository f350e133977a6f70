"""Staff move, hand over and cancel: the door's rules hold, customers are told, and nobody's change is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RestrictedError,
    SlotTakenError,
    VersionMismatchError,
)
from chalicelib.domain.states import RestrictionGround
from chalicelib.domain.terms import Cap, Each
from chalicelib.records.answer import GivenAnswer
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.cap_count import CapCount
from chalicelib.records.customer import Customer
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.payment import Payment
from chalicelib.records.writing import Transaction
from chalicelib.services.paying.notes import note_payment
from tests.builders import MONDAY_10, NETWORK, booked, terms
from tests.records.record_builders import store
from tests.services.agenda_builders import agenda
from tests.services.attending_builders import ROOMS, cancel, colleague, enter, move, offer, practice, task
from tests.services.freeing_builders import awaited
from tests.services.looking import busy_owners, ledger, messages, now_of, stored, the
from tests.services.meddling import before_commit

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
EXPERT_ONLY = frozenset({"expert"})


def values(ignored: Any) -> list[str]:
    """The names of rules."""
    return [each.value for each in ignored]


def changed(held: Appointment, **values: Any) -> None:
    """An appointment as something else left it."""
    now = now_of(held)
    for name, value in values.items():
        setattr(now, name, value)
    transaction = Transaction()
    transaction.update(now)
    transaction.commit()


# Moving


def test_a_moved_appointment_takes_its_new_time_and_gives_the_old_one_back() -> None:
    """The customer is told, old links end, the reminder moves along, and it is noted who did it."""
    with practice() as (on, of):
        held = booked(on, of)
        moved = move(on, of, held, starts_at=MONDAY_10 + 2 * HOUR).appointment

        assert (moved.starts_at, moved.ends_at) == (MONDAY_10 + 2 * HOUR, MONDAY_10 + 3 * HOUR)
        assert (int(moved.sequence), moved.subject) == (int(held.sequence) + 1, held.subject)
        assert [each.send_at for each in messages("appointment-reminder")] == [MONDAY_10 + 2 * HOUR - DAY]
        assert [each.about_version for each in messages("appointment-rescheduled")] == [1]
        (entry,) = ledger(Action.APPOINTMENT_MOVED_BY_STAFF)
        assert (entry.actor, entry.about, entry.thing, entry.network) == (of.expert, held.subject, held.id, NETWORK)
        assert entry.counts == {"starts_at": int(moved.starts_at.timestamp())}
        assert the(Customer).last_appointment_at == moved.ends_at
        assert booked(on, of, email="b@kundin.example").starts_at == MONDAY_10
        assert busy_owners().count(held.id) == 1


def test_it_may_overlap_its_own_old_time() -> None:
    """Which it gives back first."""
    with practice() as (on, of):
        held = booked(on, of)

        assert move(on, of, held, starts_at=MONDAY_10 + 30 * MINUTE).ignored == []
        assert busy_owners() == [held.id]


@pytest.mark.parametrize("anyway", [True, False])
def test_it_never_lies_over_something_else(*, anyway: bool) -> None:
    """And stays where it was."""
    with practice() as (on, of):
        held, _ = booked(on, of), booked(on, of, starts_at=MONDAY_10 + HOUR, email="b@kundin.example")

        with pytest.raises(SlotTakenError):
            move(on, of, held, starts_at=MONDAY_10 + 30 * MINUTE, anyway=anyway)
        assert now_of(held).starts_at == MONDAY_10


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"starts_at": MONDAY_10 + 7 * MINUTE}, ["grid"]),
        ({"starts_at": MONDAY_10 - 4 * HOUR}, ["hours"]),
        ({"starts_at": MONDAY_10 + 98 * DAY}, ["horizon"]),
        ({"duration": 90}, ["duration"]),
    ],
    ids=["grid", "hours", "horizon", "duration"],
)
def test_rules_are_kept_unless_staff_go_past_them(change: dict[str, Any], broken: list[str]) -> None:
    """Whoever does is told past which."""
    with practice() as (on, of):
        held = booked(on, of)
        with pytest.raises(ConflictError, match=broken[0]):
            move(on, of, held, **change)

        assert values(move(on, of, held, anyway=True, **change).ignored) == broken


def test_a_length_is_changed() -> None:
    """To one of those of the service; an unusual one from before may stay when only the time changes."""
    with practice(durations=(60, 90)) as (on, of):
        held = booked(on, of)
        longer = move(on, of, held, duration=90).appointment
        assert longer.ends_at - longer.starts_at == 90 * MINUTE

        odd = move(on, of, longer, duration=75, anyway=True).appointment
        assert move(on, of, odd, starts_at=MONDAY_10 + DAY).ignored == []


def test_a_room_is_changed_without_a_word_to_the_customer() -> None:
    """Links and reminders go on; what stays where it is keeps its room."""
    with practice(resources=(ROOMS,)) as (on, of):
        held = enter(on, of).appointment
        moved = move(on, of, held, resources=frozenset({ROOMS[1]})).appointment

        assert (moved.resources, int(moved.sequence)) == ({ROOMS[1]}, int(held.sequence))
        assert messages("appointment-rescheduled") == []
        assert [each.actor for each in ledger(Action.APPOINTMENT_MOVED_BY_STAFF)] == [of.expert]
        assert move(on, of, moved, starts_at=MONDAY_10 + HOUR).appointment.resources == {ROOMS[1]}


@pytest.mark.parametrize("change", [{}, {"starts_at": MONDAY_10}, {"duration": 60}], ids=["none", "time", "length"])
def test_a_change_that_changes_nothing_is_refused(change: dict[str, Any]) -> None:
    """So that nobody is told of it."""
    with practice() as (on, of):
        held = booked(on, of)
        with pytest.raises(ConflictError, match="other than"):
            move(on, of, held, **change)


def test_quietly_nobody_is_told() -> None:
    """The old reminder goes all the same."""
    with practice() as (on, of):
        held = booked(on, of)
        move(on, of, held, starts_at=MONDAY_10 + HOUR, quiet=True)

        assert messages("appointment-rescheduled") == []
        assert [each.send_at for each in messages("appointment-reminder")] == [MONDAY_10 + HOUR - DAY]


@pytest.mark.parametrize(("quiet", "asked"), [(False, 2), (True, 1)])
def test_what_waits_goes_on_waiting(*, quiet: bool, asked: int) -> None:
    """Not longer than until it starts; its expert is asked anew, and nobody is told that it stands."""
    with practice() as (on, of):
        beat = colleague(on, of)
        held = booked(on, of, starts_at=MONDAY_10 + DAY)
        changed(held, state=State.PENDING, lapses_at=MONDAY_10 + 6 * HOUR)

        moved = move(on, of, held, starts_at=MONDAY_10, expert=beat.staff, quiet=quiet).appointment

        assert (moved.state, moved.lapses_at) == (State.PENDING, MONDAY_10)
        assert [each.subject for each in messages("confirmation-wanted")] == [beat.staff] * asked
        assert len(messages("appointment-requested")) == (0 if quiet else 1)
        assert messages("appointment-rescheduled") == []
        assert messages("appointment-reminder") == []


def test_answers_and_payment_move_along() -> None:
    """Their periods count from the new end."""
    with practice(price=100) as (on, of):
        held = booked(on, of)
        changed(held, answers={"q"}, paid_at=on.clock.now, lapses_at=MONDAY_10)
        now = now_of(held)
        ref = GivenAnswer.ref(of.tenant, held.subject, held.id, "q")
        answer = GivenAnswer(ref.pk, ref.sk, zone=held.zone, appointment=held.id, purpose="p", question="?", answer="!")
        answer.kept_until, answer.appointment_ends_at = held.ends_at + 10 * DAY, held.ends_at
        store(answer)
        transaction = Transaction()
        note_payment(transaction, now, now=on.clock.now)
        transaction.commit()

        moved = move(on, of, held, starts_at=MONDAY_10 + DAY).appointment

        assert the(GivenAnswer).kept_until == moved.ends_at + 10 * DAY
        assert the(Payment).appointment_ends_at == moved.ends_at


def test_a_time_that_was_given_up_is_offered_to_who_waits() -> None:
    """Only where the time was given up."""
    with practice(offer_minutes=30, resources=(ROOMS,)) as (on, of):
        awaited(on, of)
        held = enter(on, of).appointment
        move(on, of, held, resources=frozenset({ROOMS[1]}))
        assert stored(FreedTime) == []

        move(on, of, held, starts_at=MONDAY_10 + DAY)
        assert [each.starts_at for each in stored(FreedTime)] == [MONDAY_10]


def test_caps_count_it_where_it_is() -> None:
    """Moved within its day it counts once; admins go past them."""
    with practice(caps=(Cap(each=Each.DAY, count=1),)) as (on, of):
        held = booked(on, of)
        move(on, of, held, starts_at=MONDAY_10 + HOUR)
        other = booked(on, of, starts_at=MONDAY_10 + DAY, email="b@kundin.example")
        with pytest.raises(SlotTakenError):
            move(on, of, other, starts_at=MONDAY_10 + 3 * HOUR)

        assert values(move(on, of, other, starts_at=MONDAY_10 + 3 * HOUR, anyway=True).ignored) == ["caps"]
        assert sorted(len(each.minutes) for each in stored(CapCount)) == [0, 2]


# Handing over


def test_a_colleague_takes_it_over() -> None:
    """The customer is told who it is; it stands in the new list and in the old one no more."""
    with practice() as (on, of):
        beat = colleague(on, of)
        held = booked(on, of)
        given = move(on, of, held, expert=beat.staff)

        assert (given.appointment.expert, given.ignored) == (beat.staff, [])
        assert len(messages("appointment-handed-over")) == 1
        assert [each.actor for each in ledger(Action.APPOINTMENT_HANDED_OVER)] == [of.expert]
        assert ledger(Action.APPOINTMENT_MOVED_BY_STAFF) == []
        week = {"frm": MONDAY_10 - DAY, "to": MONDAY_10 + DAY}
        assert [agenda(on, of, expert=each, **week) != [] for each in (of.expert, beat.staff)] == [False, True]
        assert booked(on, of, email="b@kundin.example").expert == of.expert


def test_the_customer_is_told_of_looks_by_both() -> None:
    """Whoever had it before saw it, too: up to the hand-over, and the new one from then on."""
    with practice() as (on, of):
        beat = colleague(on, of)
        held = booked(on, of)
        week = {"frm": MONDAY_10 - DAY, "to": MONDAY_10 + DAY}

        def look() -> None:
            for each in (of.expert, beat.staff, None):
                on.clock.move(seconds=5)
                agenda(on, of, expert=each, **week)

        look()
        on.clock.move(seconds=5)
        given = move(on, of, held, expert=beat.staff).appointment
        look()

        token = on.services.linking.self_service(given)["cancel"]
        told = on.services.telling.about_customer(token, before="", network=NETWORK).entries
        looks = [each for each in told if each.action is Action.APPOINTMENTS_READ]
        assert [each.by for each in looks] == ["admin", "admin", "admin", "expert"]


@pytest.mark.parametrize(
    ("starts_at", "refused"),
    [(MONDAY_10 + 15 * MINUTE, False), (MONDAY_10 + 5 * DAY, True)],
    ids=["off-grid", "out-of-hours"],
)
def test_a_colleague_has_to_work_then(starts_at: Any, *, refused: bool) -> None:
    """The grid was a matter of booking it."""
    with practice() as (on, of):
        beat = colleague(on, of)
        held = enter(on, of, starts_at=starts_at, anyway=True).appointment
        if refused:
            with pytest.raises(ConflictError, match="hours"):
                move(on, of, held, expert=beat.staff)
            assert values(move(on, of, held, expert=beat.staff, anyway=True).ignored) == ["hours"]
        else:
            assert move(on, of, held, expert=beat.staff).ignored == []


def test_a_colleague_has_to_be_free() -> None:
    """Whatever staff say."""
    with practice() as (on, of):
        beat = colleague(on, of)
        held, _ = booked(on, of), booked(on, of, expert=beat.staff, email="b@kundin.example")

        with pytest.raises(SlotTakenError):
            move(on, of, held, expert=beat.staff, anyway=True)
        assert now_of(held).expert == of.expert


def test_only_who_does_the_service_takes_it_over() -> None:
    """And nobody who takes part already."""
    with practice() as (on, of):
        beat = colleague(on, of)
        offer(on, of, terms(of.expert, experts=frozenset({of.expert, beat.staff}), together=True))
        held = enter(on, of).appointment

        with pytest.raises(NotFoundError):
            move(on, of, held, expert="9" * 32)
        with pytest.raises(ConflictError):
            move(on, of, held, expert=beat.staff)


def test_an_expert_hands_over_what_is_theirs() -> None:
    """And afterwards it is theirs no more."""
    with practice() as (on, of):
        beat = colleague(on, of)
        held = booked(on, of, expert=beat.staff)
        move(on, of, held, caller=beat, expert=of.expert)

        with pytest.raises(NotFoundError):
            move(on, of, held, caller=beat, expert=beat.staff)


# Cancelling


def test_a_cancelled_appointment_gives_its_time_back() -> None:
    """The customer is told, the reminder is taken back, all that was paid goes back, and who waits is asked."""
    with practice(price=100, offer_minutes=30) as (on, of):
        awaited(on, of)
        held = booked(on, of)
        changed(held, paid_at=on.clock.now, lapses_at=MONDAY_10)
        transaction = Transaction()
        note_payment(transaction, now_of(held), now=on.clock.now)
        transaction.commit()

        assert cancel(on, of, held).state is State.CANCELLED
        assert the(Payment).to_refund == 100
        assert len(messages("appointment-cancelled")) == 1
        assert messages("appointment-reminder") == []
        assert busy_owners() == []
        assert len(stored(FreedTime)) == 1
        assert [each.actor for each in ledger(Action.APPOINTMENT_CANCELLED_BY_STAFF)] == [of.expert]


def test_quietly_nobody_hears_of_it() -> None:
    """Told on the phone."""
    with practice() as (on, of):
        cancel(on, of, booked(on, of), quiet=True)

        assert messages("appointment-cancelled") == []


# Both

ACTS: dict[str, Callable[..., object]] = {
    "move": lambda on, of, held, **how: move(on, of, held, starts_at=held.starts_at + DAY, **how),
    "cancel": cancel,
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
class TestBoth:
    """What holds for every change."""

    @staticmethod
    def test_experts_change_their_own(act: Callable[..., object]) -> None:
        """What is a colleague's is not there for them; where they take part they may."""
        with practice() as (on, of):
            held, beat = booked(on, of), colleague(on, of)
            with pytest.raises(NotFoundError):
                act(on, of, held, caller=beat)
            act(on, of, held, caller=replace(of.session, roles=EXPERT_ONLY))

    @staticmethod
    @pytest.mark.parametrize(("minutes", "good"), [(-1, True), (0, False), (1, False)])
    def test_what_has_begun_stays(act: Callable[..., object], minutes: int, *, good: bool) -> None:
        """To the minute."""
        with practice() as (on, of):
            held = booked(on, of)
            on.clock.now = MONDAY_10 + minutes * MINUTE
            if good:
                act(on, of, held)
            else:
                with pytest.raises(ConflictError, match="begun"):
                    act(on, of, held)

    @staticmethod
    @pytest.mark.parametrize("state", [State.CANCELLED, State.DECLINED, State.LAPSED, State.PENDING])
    def test_what_is_over_stays_over(act: Callable[..., object], state: State) -> None:
        """Also what has lapsed without anybody having noted it."""
        with practice() as (on, of):
            held = booked(on, of)
            changed(held, state=state, lapses_at=on.clock.now)
            with pytest.raises(ConflictError, match="lapsed"):
                act(on, of, held)

    @staticmethod
    def test_it_is_changed_as_it_was_seen(act: Callable[..., object]) -> None:
        """In another version it is not; whoever names none overwrites."""
        with practice() as (on, of):
            held = booked(on, of)
            changed(held, note="new")
            with pytest.raises(VersionMismatchError):
                act(on, of, held, version=1)
            act(on, of, held, version=2)

    @staticmethod
    def test_no_change_of_somebody_else_is_lost(act: Callable[..., object]) -> None:
        """Who came between reading and writing wins over who named a version, and is kept by who named none."""
        with practice() as (on, of):
            held = booked(on, of)
            with before_commit(lambda: changed(held, note="between")), pytest.raises(VersionMismatchError):
                act(on, of, held, version=1)
            with before_commit(lambda: changed(held, note="again")):
                act(on, of, held)
            assert now_of(held).note == "again"

    @staticmethod
    def test_a_restricted_person_keeps_theirs(act: Callable[..., object]) -> None:
        """The refusal says what to do."""
        with practice() as (on, of):
            held = booked(on, of)
            on.services.restricting.restrict(of.session, held.subject, RestrictionGround.UNLAWFUL, network=NETWORK)
            with pytest.raises(RestrictedError, match="lifted"):
                act(on, of, held)

    @staticmethod
    def test_what_does_not_exist_is_not_found(act: Callable[..., object]) -> None:
        """With another customer's id, too."""
        with practice() as (on, of):
            held = booked(on, of)
            other = booked(on, of, starts_at=MONDAY_10 + HOUR, email="b@kundin.example")
            ref = Appointment.ref(of.tenant, other.subject, held.id)
            with pytest.raises(NotFoundError):
                act(on, of, Appointment(ref.pk, ref.sk, starts_at=held.starts_at))


def test_a_past_time_is_refused() -> None:
    """Nothing moves there."""
    with practice() as (on, of):
        held = booked(on, of)
        with pytest.raises(InvalidInputError):
            move(on, of, held, starts_at=on.clock.now, anyway=True)


def test_a_task_says_which_appointment() -> None:
    """In the caller's own business, whatever ids are named."""
    with practice() as (on, of):
        held = booked(on, of)
        stranger = replace(of.session, tenant="9" * 32)
        with pytest.raises(NotFoundError):
            on.services.attending_changes.cancel(task(of, held, caller=stranger), quiet=True)


# Who comes in between


def test_a_time_that_a_customer_books_meanwhile_is_theirs() -> None:
    """Staff are told, and nothing is entered twice."""
    with practice() as (on, of):
        with before_commit(lambda: booked(on, of), least=4), pytest.raises(SlotTakenError):
            enter(on, of, anyway=True)

        assert len(stored(Appointment)) == 1


def test_a_customer_who_moves_it_meanwhile_keeps_no_time() -> None:
    """Cancelling reads again, and gives back the time where it is by now."""
    with practice() as (on, of):
        held = booked(on, of)
        token = on.services.linking.self_service(held)["reschedule"]
        with before_commit(lambda: on.services.changing.move(token, MONDAY_10 + 3 * HOUR, network=NETWORK)):
            cancel(on, of, held)

        assert now_of(held).state is State.CANCELLED
        assert busy_owners() == []


def test_what_a_customer_cancels_meanwhile_is_not_moved() -> None:
    """It takes no time any more, at neither place."""
    with practice() as (on, of):
        held = booked(on, of)
        token = on.services.linking.self_service(held)["cancel"]
        with (
            before_commit(lambda: on.services.changing.cancel(token, network=NETWORK)),
            pytest.raises(ConflictError),
        ):
            move(on, of, held, starts_at=MONDAY_10 + 3 * HOUR)

        assert now_of(held).state is State.CANCELLED
        assert busy_owners() == []
