"""Legal holds: nothing of the person is deleted while one runs, and everything is due when the last one ends."""

from datetime import datetime, timedelta
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, NotFoundError, TryAgainError
from chalicelib.domain.states import HoldGround, Release
from chalicelib.records import marking
from chalicelib.records.appointment import Appointment
from chalicelib.records.customer import Customer, CustomerAddress
from chalicelib.records.hold import HeldPerson, Holds
from chalicelib.records.keys import SubjectKey
from chalicelib.records.reading import fetch
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.repeating import Repeatable
from chalicelib.services.rights.holding import MOST, Hold
from tests.builders import MONDAY_10, NETWORK, Business, booked
from tests.services.agenda_builders import agenda as list_of
from tests.services.looking import ledger, stored, the
from tests.services.meddling import before_commit, killed_at, refused_writes
from tests.services.prepared import open_business
from tests.services.privacy_builders import REASON, hold, kinds, lying, until, wanted
from tests.stage import Stage

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def lift(on: Stage, of: Business, held: Appointment, which: Hold) -> list[Hold]:
    """Lifts a hold."""
    return on.services.holding.lift(of.session, held.subject, which.id, Release.SETTLED, network=NETWORK)


def end_of(on: Stage, in_days: int) -> int:
    """The second in so many days."""
    return int((on.clock() + timedelta(days=in_days)).timestamp())


def marks(pk: str) -> set[int | None]:
    """Until when the records of a person are held."""
    return {until(item) for item in lying(pk)}


def sweep(on: Stage, at: datetime) -> None:
    """Sweeps at an instant."""
    on.clock.now = at
    on.services.sweeping.run()


# Placing


def test_a_hold_marks_everything_about_the_person_and_what_their_keys_hang_on() -> None:
    """The person's records, and the business; nobody else's."""
    with open_business() as (on, of):
        held, other = booked(on, of), booked(on, of, email="ben@kunde.example", starts_at=MONDAY_10 + DAY)

        (placed,) = hold(on, of, held)

        assert kinds(held.pk) == {"Customer", "CustomerName", "Appointment", "Notification", "Holds"}
        assert marks(held.pk) == {end_of(on, 400)}
        assert marks(other.pk) == {None}
        assert the(Tenant).held_until == placed.ends_at
        assert (placed.ground, placed.reason, placed.placed_by) == (HoldGround.LEGAL_CLAIM, REASON, of.expert)
        assert (placed.placed_at, placed.released_at, placed.released_by) == (on.clock(), None, None)


def test_ttl_and_the_due_index_follow() -> None:
    """DynamoDB's own deletion would not ask anybody."""
    with open_business() as (on, of):
        held = booked(on, of)
        hold(on, of, held, in_days=2000)

        ends = end_of(on, 2000)
        assert {until(item, "ttl") for item in lying(held.pk)} == {ends + 24 * 3600}
        assert {until(item, "due_at") for item in lying(held.pk) if item["kind"]["S"] != "Notification"} == {ends}


def test_a_hold_that_is_shorter_than_the_period_changes_no_end() -> None:
    """It only ever keeps longer."""
    with open_business() as (on, of):
        held = booked(on, of)
        hold(on, of, held, in_days=30)

        appointment, customer = the(Appointment), the(Customer)
        assert appointment.ttl == appointment.expires_at + DAY
        assert customer.due_at == customer.expires_at


def test_the_reason_is_sealed_and_the_ledger_knows_ids_only() -> None:
    """It is about a person, so it ends with their key."""
    with open_business() as (on, of):
        held = booked(on, of)
        (placed,) = hold(on, of, held)

        assert REASON not in str(list(lying(held.pk)))
        (entry,) = ledger(Action.HOLD_PLACED)
        assert (entry.actor, entry.about, entry.thing) == (of.expert, held.subject, placed.id)
        assert (entry.network, entry.ground) == (NETWORK, "legal-claim")
        assert REASON not in str(stored(type(entry)))


@pytest.mark.parametrize(("seconds", "fits"), [(-1, False), (0, False), (1, True)])
def test_an_end_lies_in_the_future(seconds: int, *, fits: bool) -> None:
    """A hold that is over keeps nothing."""
    with open_business() as (on, of):
        held = booked(on, of)
        given = wanted(on, ends_at=on.clock() + seconds * SECOND)

        if fits:
            assert on.services.holding.place(of.session, held.subject, given, network=NETWORK, repeat=None)
        else:
            with pytest.raises(InvalidInputError):
                on.services.holding.place(of.session, held.subject, given, network=NETWORK, repeat=None)
            assert stored(Holds) == []


def test_nobody_is_held_for_more_than_ten_years() -> None:
    """Who needs longer places another one then."""
    with open_business() as (on, of):
        held, latest = booked(on, of), on.clock().replace(year=on.clock().year + 10)

        with pytest.raises(InvalidInputError):
            hold(on, of, held, ends_at=latest + SECOND)
        assert hold(on, of, held, ends_at=latest)


def test_holds_are_not_piled_up_without_end() -> None:
    """One record holds them all."""
    with open_business() as (on, of):
        held = booked(on, of)
        many = hold(on, of, held)[0]
        record = the(Holds)
        record.holds = record.holds * MOST
        transaction = Transaction()
        transaction.mark(record)
        transaction.commit()

        with pytest.raises(InvalidInputError):
            hold(on, of, held)
        assert many.id


def test_only_who_is_there_can_be_held() -> None:
    """Not a stranger, not another business's customer, not one past their period."""
    with open_business() as (on, of):
        held = booked(on, of)
        with pytest.raises(NotFoundError):
            on.services.holding.place(of.session, "f" * 32, wanted(on), network=NETWORK, repeat=None)
        with pytest.raises(NotFoundError):
            on.services.holding.place(of.session, of.expert, wanted(on), network=NETWORK, repeat=None)
        on.clock.now = the(Customer).expires_at
        with pytest.raises(NotFoundError):
            hold(on, of, held)
        with pytest.raises(NotFoundError):
            on.services.holding.holds(of.session, held.subject, network=NETWORK)


def test_placed_twice_by_the_same_request_is_placed_once() -> None:
    """An Idempotency-Key gives the same outcome again."""
    with open_business() as (on, of):
        held = booked(on, of)
        repeat = Repeatable.of("key-of-a-request", scope="hold", content="wanted")

        first = on.services.holding.place(of.session, held.subject, wanted(on), network=NETWORK, repeat=repeat)
        again = on.services.holding.place(of.session, held.subject, wanted(on), network=NETWORK, repeat=repeat)

        assert first == again
        assert len(ledger(Action.HOLD_PLACED)) == 1


def test_two_admins_at_once_place_two() -> None:
    """Neither is lost, and the later end counts, whoever is first."""
    with open_business() as (on, of):
        held = booked(on, of)
        with before_commit(lambda: hold(on, of, held, in_days=700), least=4):
            found = hold(on, of, held, in_days=500)

        assert len(found) == 2
        assert marks(held.pk) == {end_of(on, 700)}
        assert the(Tenant).held_until == on.clock() + 700 * DAY
        assert len(ledger(Action.HOLD_PLACED)) == 2


def test_a_booking_at_the_same_time_is_held_too() -> None:
    """What is written while the marks are being spread is found by them, or protected by the hold itself."""
    with open_business() as (on, of):
        held = booked(on, of)
        with before_commit(lambda: booked(on, of, starts_at=MONDAY_10 + DAY), least=4):
            hold(on, of, held)

        assert len(stored(Appointment)) == 2
        assert marks(held.pk) == {end_of(on, 400)}


@pytest.mark.parametrize("write", [1, 2, 3])
def test_a_killed_run_is_completed_by_the_next_call(write: int) -> None:
    """Before the first write nothing has happened; after it the hold protects what has no mark yet."""
    with open_business() as (on, of):
        held = booked(on, of)
        for number in range(1, 12):
            booked(on, of, starts_at=MONDAY_10 + number // 6 * DAY + number % 6 * timedelta(hours=1))
        with killed_at(write):
            hold(on, of, held)

        before = marks(held.pk)
        hold(on, of, held)

        assert before == ({None} if write == 1 else {None, end_of(on, 400)})
        assert marks(held.pk) == {end_of(on, 400)}


def test_looking_completes_what_was_killed() -> None:
    """Any later call does."""
    with open_business() as (on, of):
        held = booked(on, of)
        with killed_at(2):
            hold(on, of, held)

        found = on.services.holding.holds(of.session, held.subject, network=NETWORK)

        assert len(found) == 1
        assert marks(held.pk) == {end_of(on, 400)}
        assert [(each.actor, each.about) for each in ledger(Action.HOLDS_READ)] == [(of.expert, held.subject)]


@pytest.mark.parametrize("reason", ["TransactionConflict", "ConditionalCheckFailed"])
def test_contention_while_marking_is_settled_by_reading_again(reason: str) -> None:
    """Others write to the same records all the time."""
    with open_business() as (on, of):
        held = booked(on, of)
        with killed_at(2):
            hold(on, of, held)
        with refused_writes(reason, times=3) as refused, mock.patch.object(marking.time, "sleep"):
            on.services.holding._completed(of.tenant, held.subject)

        assert len(refused) == 3
        assert marks(held.pk) == {end_of(on, 400)}


@pytest.mark.parametrize("reason", ["TransactionConflict", "ConditionalCheckFailed"])
def test_contention_without_end_is_told(reason: str) -> None:
    """Nothing is pretended: the caller tries again."""
    with open_business() as (on, of):
        held = booked(on, of)
        with killed_at(2):
            hold(on, of, held)
        with refused_writes(reason, times=99), mock.patch.object(marking.time, "sleep"), pytest.raises(TryAgainError):
            on.services.holding._completed(of.tenant, held.subject)


# While it runs


def test_nothing_is_deleted_while_it_runs_and_all_of_it_after() -> None:
    """A second before the end everything is there, with its keys; at the end the sweep takes all of it."""
    with open_business() as (on, of):
        held = booked(on, of)
        on.clock.now = MONDAY_10 - DAY
        on.pump()
        hold(on, of, held, in_days=800)
        ends, partition = on.clock() + 800 * DAY, kinds(held.pk)

        sweep(on, the(Customer).expires_at + DAY)
        assert kinds(held.pk) == partition
        sweep(on, ends - SECOND)
        assert kinds(held.pk) == partition
        assert fetch(SubjectKey.ref(of.tenant, held.subject)) is not None
        sweep(on, ends)

        assert kinds(held.pk) == set()
        assert fetch(SubjectKey.ref(of.tenant, held.subject)) is None
        assert stored(HeldPerson) == []


def test_what_was_written_after_the_hold_was_placed_is_kept_too() -> None:
    """It carries no mark, and its period ends before the hold does."""
    with open_business() as (on, of):
        held = booked(on, of)
        hold(on, of, held, in_days=800)
        later = booked(on, of, starts_at=MONDAY_10 + DAY)
        assert marks(later.pk) == {None, end_of(on, 800)}
        ends = on.clock() + 800 * DAY

        sweep(on, the_end(later))
        sweep(on, ends - SECOND)

        assert {each.id for each in stored(Appointment)} == {held.id, later.id}
        assert {each.ttl for each in stored(Appointment)} == {ends + DAY}


def the_end(appointment: Appointment) -> datetime:
    """When its period is over."""
    expires = next(each.expires_at for each in stored(Appointment) if each.id == appointment.id)
    assert expires is not None
    return expires


def test_what_is_past_its_period_is_blocked_meanwhile() -> None:
    """It is in no list and can't be read, and the person can book anew."""
    with open_business() as (on, of):
        held = booked(on, of)
        hold(on, of, held, in_days=800)
        on.clock.now = the(Customer).expires_at

        frm, to = MONDAY_10 - DAY, MONDAY_10 + DAY
        assert list_of(on, of, frm=frm, to=to) == []
        assert fetch(Customer.ref(of.tenant, held.subject)) is None
        on.services.sweeping.run()
        again = booked(on, of, starts_at=(on.clock() + 7 * DAY).replace(hour=9, minute=0))

        assert again.subject != held.subject
        assert len(stored(Customer)) == 2
        assert the(CustomerAddress).of_customer == again.subject


# Lifting


def test_the_latest_of_several_counts() -> None:
    """Lifting the longest leaves the other."""
    with open_business() as (on, of):
        held = booked(on, of)
        hold(on, of, held, in_days=500)
        second = hold(on, of, held, in_days=900)[1]
        assert marks(held.pk) == {end_of(on, 900)}

        found = lift(on, of, held, second)

        assert marks(held.pk) == {end_of(on, 500)}
        assert the(Tenant).held_until == on.clock() + 500 * DAY
        assert (found[1].released_at, found[1].released_by) == (on.clock(), of.expert)
        (entry,) = ledger(Action.HOLD_LIFTED)
        assert (entry.thing, entry.ground, entry.about) == (second.id, "settled", held.subject)


def test_when_the_last_is_lifted_what_is_past_its_period_is_due_at_once() -> None:
    """And the holds themselves go with it."""
    with open_business() as (on, of):
        held = booked(on, of)
        (placed,) = hold(on, of, held, in_days=800)
        sweep(on, the(Customer).expires_at + DAY)
        assert kinds(held.pk)

        lift(on, of, held, placed)
        on.services.sweeping.run()

        assert kinds(held.pk) == set()
        assert fetch(SubjectKey.ref(of.tenant, held.subject)) is None
        assert the(Tenant).held_until is None


def test_what_is_not_past_its_period_goes_on_as_before() -> None:
    """As if there had been no hold."""
    with open_business() as (on, of):
        held = booked(on, of)
        before = {item["sk"]["S"]: (until(item, "ttl"), until(item, "due_at")) for item in lying(held.pk)}
        (placed,) = hold(on, of, held, in_days=800)

        lift(on, of, held, placed)

        after = {item["sk"]["S"]: (until(item, "ttl"), until(item, "due_at")) for item in lying(held.pk)}
        assert {sk: after[sk] for sk in before} == before


def test_the_business_is_held_for_as_long_as_anybody() -> None:
    """Its key wraps theirs."""
    with open_business() as (on, of):
        anna, ben = booked(on, of), booked(on, of, email="ben@kunde.example", starts_at=MONDAY_10 + DAY)
        hold(on, of, ben, in_days=300)
        (longer,) = hold(on, of, anna, in_days=900)
        assert the(Tenant).held_until == on.clock() + 900 * DAY

        lift(on, of, anna, longer)

        assert the(Tenant).held_until == on.clock() + 300 * DAY
        assert {each.person for each in HeldPerson.all_of(of.tenant)} == {ben.subject}


def test_lifted_twice_changes_nothing_more() -> None:
    """And leaves no second entry."""
    with open_business() as (on, of):
        held = booked(on, of)
        hold(on, of, held, in_days=500)
        (_, second) = hold(on, of, held, in_days=900)

        assert lift(on, of, held, second) == lift(on, of, held, second)
        assert len(ledger(Action.HOLD_LIFTED)) == 1


def test_an_unknown_hold_cannot_be_lifted() -> None:
    """Nor another person's."""
    with open_business() as (on, of):
        anna, ben = booked(on, of), booked(on, of, email="ben@kunde.example", starts_at=MONDAY_10 + DAY)
        (placed,) = hold(on, of, anna)

        with pytest.raises(NotFoundError):
            lift(on, of, ben, placed)
        assert marks(anna.pk) == {end_of(on, 400)}


def test_a_killed_lifting_is_completed_by_the_next_call() -> None:
    """The record of the holds stays until no mark is left."""
    with open_business() as (on, of):
        held = booked(on, of)
        (placed,) = hold(on, of, held, in_days=800)
        with killed_at(2):
            lift(on, of, held, placed)
        on.services.sweeping.run()
        assert end_of(on, 800) in marks(held.pk)

        lift(on, of, held, placed)

        assert {until(item) for item in lying(held.pk) if item["kind"]["S"] != "Holds"} == {None}


def test_lifting_while_another_is_placed() -> None:
    """Whoever is late starts again from what is there then: the new one holds everything."""
    with open_business() as (on, of):
        held = booked(on, of)
        (placed,) = hold(on, of, held, in_days=500)

        with before_commit(lambda: hold(on, of, held, in_days=700), least=2):
            lift(on, of, held, placed)

        assert marks(held.pk) == {end_of(on, 700)}


def test_placing_while_the_marks_of_a_lifting_are_written() -> None:
    """The same, in the middle of the walk."""
    with open_business() as (on, of):
        held = booked(on, of)
        (placed,) = hold(on, of, held, in_days=500)
        with killed_at(2):
            lift(on, of, held, placed)

        with before_commit(lambda: hold(on, of, held, in_days=700), least=2):
            lift(on, of, held, placed)

        assert marks(held.pk) == {end_of(on, 700)}


def test_a_reason_goes_with_the_persons_key() -> None:
    """What is left says that there was a hold, and not why."""
    with open_business() as (on, of):
        held = booked(on, of)
        hold(on, of, held)
        transaction = Transaction()
        transaction.discard(SubjectKey.ref(of.tenant, held.subject))
        transaction.commit()
        on.vault.forget(of.tenant, held.subject)

        (found,) = on.services.holding.holds(of.session, held.subject, network=NETWORK)

        assert (found.reason, found.ground) == (None, HoldGround.LEGAL_CLAIM)
