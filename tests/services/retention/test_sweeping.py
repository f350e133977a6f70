"""The sweep: what is due goes, with a proof; what is not stays."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import KeyDestroyedError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.tenancy import READ_ONLY
from chalicelib.records._base import Record
from chalicelib.records._tables import RecordsTable
from chalicelib.records.appointment import Appointment
from chalicelib.records.availability import Availability
from chalicelib.records.customer import Customer, CustomerAddress
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.keys import SubjectKey, TenantKey
from chalicelib.records.notification import Notification
from chalicelib.records.reading import client
from chalicelib.records.service import Service
from chalicelib.records.staff import Acceptance, Staff, StaffAddress
from chalicelib.records.suppression import Suppression
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.retention import sweeping, sweeping_plan
from chalicelib.services.retention.sweeping import SweepDoesNotAddUpError, Sweeping
from chalicelib.services.retention.sweeping_steps import Counts, Steps
from tests.builders import MONDAY_10, Business, booked, business
from tests.services.looking import ledger, raw, stored, the
from tests.services.meddling import before_commit, killed_at, refused_writes
from tests.services.prepared import open_business
from tests.stage import Stage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
YEAR_LATER = datetime.fromisoformat("2027-11-09T11:00:00+01:00")  # twelve months after the end of an appointment
TENANT = "a" * 32
BATCH = 49  # each of them is somebody else's: a deletion, a look whether the person is held; and one proof


def proven() -> Counter[str]:
    """What all proofs together say was removed."""
    total: Counter[str] = Counter()
    for entry in ledger(Action.SWEPT):
        total.update(entry.counts or {})
    return total


def old(on: Stage, count: int, *, tenant: str = TENANT, days: int = 400) -> None:
    """So many settled notifications, each of another person, sent so many days ago."""
    made = (_notification(tenant, number, on.clock.now - days * DAY) for number in range(count))
    _create(made)


def suppressions(on: Stage, count: int, *, days: int) -> None:
    """So many addresses that were last kept from messages so many days ago."""
    refs = (Suppression.ref("email", f"{number + 0xABCDEF:032x}") for number in range(count))
    _create(Suppression(ref.pk, ref.sk, reason="bounced", last_at=on.clock.now - days * DAY) for ref in refs)


def _notification(tenant: str, number: int, at: datetime) -> Notification:
    ref = Notification.ref(tenant, f"{number:032x}", "0" * 32)
    plain = {"message": "appointment-confirmed", "channel": "email", "language": "de", "state": Delivery.SKIPPED}
    return Notification(ref.pk, ref.sk, send_at=at, next_at=at, **plain)


def _create(records: Iterator[Record]) -> None:
    # Not by transactions: the fake copies its tables for each.
    items = [{"PutRequest": {"Item": record.serialize()}} for record in records]
    for at in range(0, len(items), 25):
        client().batch_write_item(RequestItems={RecordsTable.Meta.table_name: items[at : at + 25]})


def keys() -> set[tuple[str, str]]:
    """The keys of everything in the table of records."""
    return {(item["pk"]["S"], item["sk"]["S"]) for item in raw(RecordsTable)}


def test_a_year_later_nothing_is_left_of_a_customer() -> None:
    """Appointment, person, address, messages, the day's sheet, and their key; the business stays."""
    with open_business() as (on, of):
        before, held_keys = keys(), len(stored(SubjectKey))
        booked(on, of, sms_wanted=True)
        on.pump()
        on.clock.now = MONDAY_10 - HOUR
        on.pump()
        made = keys() - before

        on.clock.now = YEAR_LATER
        counts = on.services.sweeping.run()

        assert keys() == {key for key in before if not key[1].startswith("NOTIFICATION#")}
        assert len(stored(SubjectKey)) == held_keys
        assert counts.removed == len(made) + 1  # the mail of the registration has had its year too
        assert proven() == Counter(CUSTOMER=1, NAME=2, APPOINTMENT=1, NOTIFICATION=5, DAY=1, **{"CUSTOMER-ADDRESS": 1})
        assert counts.adds_up


def test_a_second_earlier_all_of_the_person_is_there() -> None:
    """Readable, with the key; only what had its time before has gone."""
    with open_business() as (on, of):
        held = booked(on, of)
        on.clock.now = YEAR_LATER - timedelta(seconds=1)

        on.services.sweeping.run()

        assert [each.given_name for each in stored(Appointment)] == ["Anna"]
        assert the(Customer).email == "anna.muster@kundin.example"
        assert the(CustomerAddress).of_customer == held.subject
        assert stored(DaySheet) == []


def test_what_was_sealed_can_not_be_read_any_more() -> None:
    """Not even by who kept a copy of the record: the key is destroyed with the person."""
    with open_business() as (on, of):
        booked(on, of)
        copy = the(Appointment)
        on.clock.now = YEAR_LATER
        on.services.sweeping.run()
        on.vault.forget(of.tenant)

        with pytest.raises(KeyDestroyedError):
            _ = copy.given_name


@pytest.mark.parametrize(("seconds", "left"), [(-1, 1), (0, 0), (1, 0)])
def test_a_record_goes_at_its_second(seconds: int, left: int) -> None:
    """Neither before nor later."""
    with open_business() as (on, _):
        suppressions(on, 1, days=0)
        on.clock.now = (the(Suppression).expires_at or on.clock.now) + timedelta(seconds=seconds)

        on.services.sweeping.run()

        assert len(stored(Suppression)) == left


def test_when_nothing_is_due_nothing_is_written() -> None:
    """No empty proofs every quarter of an hour."""
    with open_business() as (on, of):
        booked(on, of)
        before = keys()

        counts = on.services.sweeping.run()

        assert counts == Counts()
        assert (ledger(Action.SWEPT), keys()) == ([], before)


@pytest.mark.parametrize("count", [BATCH - 1, BATCH, BATCH + 1])
def test_a_batch_is_one_transaction_with_one_proof(count: int) -> None:
    """As many records in each as a transaction holds."""
    with open_business() as (on, _):
        old(on, count)

        counts = on.services.sweeping.run()

        assert (counts.due, counts.removed, counts.kinds) == (count, count, {"NOTIFICATION": count})
        assert len(ledger(Action.SWEPT)) == -(-count // BATCH)
        assert proven() == Counter(NOTIFICATION=count)


def test_each_tenant_has_its_own_batches_and_proofs() -> None:
    """What belongs to none is the installation's."""
    with open_business() as (on, _):
        old(on, 3)
        old(on, 2, tenant="b" * 32)
        suppressions(on, 1, days=2000)

        plan = on.services.sweeping.plan()
        on.services.sweeping.run()

        assert sorted((each.tenant, len(each.due)) for each in plan.steps) == [
            (INSTALLATION, 1),
            (TENANT, 3),
            ("b" * 32, 2),
        ]
        assert {entry.tenant: entry.counts for entry in ledger(Action.SWEPT)} == {
            INSTALLATION: {"SUPPRESSION": 1},
            TENANT: {"NOTIFICATION": 3},
            "b" * 32: {"NOTIFICATION": 2},
        }


def test_a_plan_removes_nothing() -> None:
    """It can be looked at first."""
    with open_business() as (on, _):
        old(on, 3)
        before = keys()

        assert [len(step.due) for step in on.services.sweeping.plan().steps] == [3]

        assert (keys(), ledger(Action.SWEPT)) == (before, [])


def test_a_proof_names_kinds_and_never_whom_it_was_about() -> None:
    """An address that was on the stop list must not live on, hashed, in the ledger."""
    with open_business() as (on, _):
        suppressions(on, 2, days=2000)
        indexes = [f"{number + 0xABCDEF:032x}" for number in range(2)]

        on.services.sweeping.run()

        text = repr([entry.serialize() for entry in ledger(Action.SWEPT)])
        assert proven() == Counter(SUPPRESSION=2)
        assert not [index for index in indexes if index in text]


def test_what_is_not_due_stays() -> None:
    """Half of what is there: exactly the other half is left."""
    with open_business() as (on, _):
        suppressions(on, 50, days=2000)
        old(on, 50, days=300)
        kept = {each.sk + each.pk for each in stored(Notification)}

        counts = on.services.sweeping.run()

        assert counts.removed == 50
        assert {each.sk + each.pk for each in stored(Notification)} == kept
        assert stored(Suppression) == []


def test_hundreds_go_in_many_pages() -> None:
    """The index is read again until nothing is due."""
    with (
        open_business() as (on, _),
        mock.patch.object(sweeping_plan, "WINDOW", 40),
        mock.patch.object(sweeping, "WINDOW", 40),
    ):
        old(on, 200)

        counts = on.services.sweeping.run()

        assert (counts.removed, counts.adds_up, due_now(on)) == (200, True, [])
        assert proven() == Counter(NOTIFICATION=200)
        assert len(ledger(Action.SWEPT)) >= 5


@pytest.mark.parametrize(("batches", "removed"), [(0, 0), (1, BATCH), (2, 2 * BATCH)])
def test_a_sweep_that_runs_out_of_time_leaves_whole_batches(batches: int, removed: int) -> None:
    """And the next one goes on with the rest."""
    with open_business() as (on, _):
        old(on, 3 * BATCH)
        asked = iter([True] * (batches + 1 if batches else 0) + [False] * 9)

        counts = on.services.sweeping.run(may_go_on=lambda: next(asked))

        assert (counts.due, counts.removed, counts.adds_up) == (removed, removed, True)
        assert on.services.sweeping.run().removed == 3 * BATCH - removed
        assert proven() == Counter(NOTIFICATION=3 * BATCH)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [1, 2, 3])
def test_a_sweep_can_be_killed_at_any_point(write: int, after: bool) -> None:
    """The next one removes the rest, and the proofs add up to everything."""
    with open_business() as (on, _):
        old(on, 2 * BATCH + 5)
        with killed_at(write, after=after):
            on.services.sweeping.run()
        assert sum(proven().values()) == 2 * BATCH + 5 - len(due_now(on))

        on.services.sweeping.run()

        assert due_now(on) == []
        assert proven() == Counter(NOTIFICATION=2 * BATCH + 5)


def no_files() -> Any:
    """For kinds that have none."""
    raise AssertionError("no kind of the catalogue has files")


def due_now(on: Stage) -> list[object]:
    """What a sweep would remove."""
    return [due for step in on.services.sweeping.plan().steps for due in step.due]


def test_a_record_that_was_extended_meanwhile_stays() -> None:
    """A second before its end, which the index did not show yet: the rest of its batch goes, and the count says so."""
    with open_business() as (on, of):
        booked(on, of)
        booked(on, of, starts_at=MONDAY_10 + HOUR, email="beat@kunde.example", given_name="Beat")
        on.clock.now = YEAR_LATER + HOUR
        anna = next(each for each in stored(Customer) if each.given_name == "Anna")

        def extend() -> None:
            on.clock.now = YEAR_LATER - timedelta(seconds=1)
            anna.last_appointment_at = on.clock.now
            transaction = Transaction()
            transaction.update(anna)
            transaction.commit()
            on.clock.now = YEAR_LATER + HOUR

        with before_commit(extend):
            counts = on.services.sweeping.run()

        assert [each.given_name for each in stored(Customer)] == ["Anna"]
        assert (counts.revived, counts.adds_up) == (1, True)
        assert proven()["CUSTOMER"] == 1
        assert due_now(on) == []


def test_two_sweeps_at_once_count_each_record_once() -> None:
    """The slower one finds the records gone, and proves nothing that it did not do."""
    with open_business() as (on, _):
        old(on, BATCH + 3)

        with before_commit(lambda: Sweeping(on.clock, no_files).run()):
            counts = on.services.sweeping.run()

        assert (counts.removed, counts.adds_up) == (0, True)
        assert proven() == Counter(NOTIFICATION=BATCH + 3)


def test_an_index_that_lags_behind_does_not_double_the_proofs() -> None:
    """Right after a batch the index may still show it; those entries count as gone."""
    with open_business() as (on, _):
        old(on, 5)
        stale = on.services.sweeping.plan()

        with mock.patch.object(Sweeping, "plan", return_value=stale):
            counts = on.services.sweeping.run()

        assert (counts.removed, counts.revived, counts.adds_up) == (5, 5, True)
        assert proven() == Counter(NOTIFICATION=5)


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError"])
def test_a_batch_that_meets_a_busy_table_is_left_for_the_next_sweep(reason: str) -> None:
    """Postponed, not lost, and accounted for."""
    with open_business() as (on, _):
        old(on, 3)

        with refused_writes(reason, times=9):
            counts = on.services.sweeping.run()

        assert (counts.due, counts.postponed, counts.removed, counts.adds_up) == (3, 3, 0, True)
        assert on.services.sweeping.run().removed == 3


def test_a_sweep_that_does_not_add_up_fails() -> None:
    """Silence about a record that was neither removed nor left would be the end of the promise."""
    with open_business() as (on, _):
        old(on, 3)

        def forget(steps: Steps, step: sweeping_plan.Step) -> None:
            steps.counts.due += len(step.due)

        with mock.patch.object(Steps, "carry_out", forget), pytest.raises(SweepDoesNotAddUpError):
            on.services.sweeping.run()


def test_the_key_of_a_person_goes_in_the_transaction_that_removes_them() -> None:
    """A kill in between leaves both or neither."""
    with open_business() as (on, of):
        booked(on, of)
        on.clock.now = YEAR_LATER
        for after in (False, True):
            with killed_at(1, after=after):
                on.services.sweeping.run()
            people = {each.subject for each in stored(Customer)}
            assert people == {each.sk.removeprefix("SUBJECT#") for each in stored(SubjectKey)} - staff_of(of)


def staff_of(of: Business) -> set[str]:
    """The ids of the business' own keys."""
    return {of.tenant, of.expert}


def test_another_business_is_not_touched() -> None:
    """Its tenant, its people, its appointments."""
    with open_business() as (on, of):
        other = business(on, email="urs@andere.example")
        booked(on, of)
        late = booked(on, other, starts_at=MONDAY_10 + 14 * DAY)
        on.clock.now = YEAR_LATER

        on.services.sweeping.run()

        assert [(each.tenant, each.id) for each in stored(Appointment)] == [(other.tenant, late.id)]
        assert len(stored(Tenant)) == 2


def ended(of: Business, at: datetime) -> None:
    """The contract with a business, its staff and their hours ended then; its customers are kept for a year."""
    for kind in (Tenant, Staff, StaffAddress, Acceptance, Service, Availability):
        for each in stored(kind):
            if of.tenant in {each.tenant, getattr(each, "of_tenant", "")}:
                setattr(each, "ended_at" if hasattr(each, "ended_at") else "left_at", at)
                if isinstance(each, Tenant):
                    each.cancelled_at = at - READ_ONLY
                _create(iter([each]))


def test_a_business_ends_after_the_last_of_its_people() -> None:
    """With its key theirs would end: as long as a customer's data is to be kept, it is put off from day to day."""
    with open_business() as (on, of):
        booked(on, of)
        ended(of, on.clock.now)
        over = (the(Tenant).expires_at or on.clock.now) + timedelta(seconds=1)
        on.clock.now = over
        first = on.services.sweeping.run()

        assert [each.given_name for each in stored(Customer)] == ["Anna"]
        assert (len(stored(Tenant)), first.held, first.adds_up) == (1, 1, True)
        assert [each.counts for each in ledger(Action.HELD_BACK)] == [{"TENANT": 1}]
        assert on.services.sweeping.run().due == 0

        on.clock.now = YEAR_LATER + DAY
        on.services.sweeping.run()
        on.clock.now += DAY
        on.services.sweeping.run()
        assert (stored(Tenant), stored(Customer)) == ([], [])
        assert of.tenant not in {key.tenant for key in (*stored(TenantKey), *stored(SubjectKey))}


def test_a_business_that_nobody_needs_ends_at_once() -> None:
    """With its staff, in one step, and all their keys."""
    with open_business() as (on, of):
        ended(of, on.clock.now)
        on.clock.now = (the(Tenant).expires_at or on.clock.now) + timedelta(seconds=1)

        counts = on.services.sweeping.run()

        assert (stored(Tenant), stored(Staff), counts.held) == ([], [], 0)
        assert of.tenant not in {key.tenant for key in (*stored(TenantKey), *stored(SubjectKey))}
