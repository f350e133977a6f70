"""The end of a business: nothing is left but the ledger, and nobody else's anything is touched."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest

from chalicelib.adapters.sealing import Keyring
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import KeyDestroyedError, NotFoundError, NotSignedInError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.states import HoldGround
from chalicelib.records._base import Standing, part
from chalicelib.records._tables import TABLES, LedgerTable
from chalicelib.records.appointment import Appointment
from chalicelib.records.cap_count import CapCount
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.ledger_day import LedgerDay
from chalicelib.records.notification import Notification
from chalicelib.records.premises import Resource
from chalicelib.records.reading import fetch
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.ledger.tallying import Written
from chalicelib.services.rights.holding import Wanted
from chalicelib.services.tenancy import terminating
from chalicelib.services.tenancy.lapsing import Lapsed
from tests.builders import MONDAY_10, NETWORK, Business, booked, business, wish
from tests.records.trial_kinds import TrialInvoice, where
from tests.services.looking import ledger, raw, stored, the
from tests.services.meddling import before_commit
from tests.services.trial_sweeps import put, sweeping
from tests.stage import Stage, stage

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def cancelled(on: Stage, of: Business) -> datetime:
    """Cancels; when everything ends."""
    on.services.tenancies.cancel(of.session, network=NETWORK)
    return on.clock.now + 30 * DAY


@contextmanager
def at_its_end(*, customers: int = 2) -> Iterator[tuple[Stage, Business]]:
    """A business with customers, messages, day sheets and sessions, on the second at which it ends."""
    with stage() as on:
        of = business(on)
        for number in range(customers):
            at = MONDAY_10 + 35 * DAY + number * timedelta(hours=1)
            booked(on, of, email=f"anna{number}@kundin.example", starts_at=at)
        on.pump()
        on.clock.now = cancelled(on, of)
        on.pump()
        yield on, of


def of_tenant(tenant: str) -> list[dict[str, Any]]:
    """Everything that is left of a business outside of the ledger, its counts among it."""
    tables = [table for table in TABLES if table is not LedgerTable]
    items = [item for table in tables for item in raw(table) if item["kind"]["S"] != LedgerDay.kind_name()]
    return [item for item in items if tenant in {part(item["pk"]["S"], "TENANT"), item.get("of_tenant", {}).get("S")}]


def not_over(on: Stage, tenant: str) -> Counter[str]:
    """How many records of which kind are to be ended: all that are not past their period, and sessions at any rate."""
    now = on.clock.now.timestamp()
    items = [item for item in of_tenant(tenant) if not item["kind"]["S"].endswith("Key")]
    ends = ((item["kind"]["S"], float(item.get("expires_at", {"N": "inf"})["N"])) for item in items)
    return Counter(kind for kind, end in ends if end > now or kind in {"Session", "Tenant"})


def kinds(items: list[dict[str, Any]]) -> set[str]:
    """Of which kinds."""
    return {item["kind"]["S"] for item in items}


def test_nothing_is_left_but_the_ledger() -> None:
    """People, keys, sheets, sessions, claims of addresses, and the business itself with its key."""
    with at_its_end() as (on, of):
        before = kinds(of_tenant(of.tenant))
        assert {"Tenant", "Team", "Staff", "StaffAddress", "Acceptance", "Customer", "CustomerAddress"} <= before
        assert {"Appointment", "Notification", "DaySheet", "Service", "Availability", "Session"} <= before
        assert {"TenantKey", "SubjectKey"} <= before

        assert on.services.lapsing.run() == Lapsed(ended=1)
        counts = on.services.sweeping.run()

        assert (of_tenant(of.tenant), counts.adds_up, counts.held) == ([], True, 0)
        assert {entry.tenant for entry in ledger(Action.REGISTERED)} == {of.tenant}


def test_the_days_of_rooms_and_what_was_counted_go_too() -> None:
    """They lie in places of their own, and would else last until those days are over."""
    with at_its_end(customers=1) as (on, of):
        far = on.clock.now + 200 * DAY
        ref, room = Resource.ref(of.tenant, "7" * 32), DaySheet.blank(of.tenant, "7" * 32, far.date())
        cap = CapCount.ref(of.tenant, of.expert, of.service.id, "2027-W30")
        put(
            Resource(ref.pk, ref.sk, name="Raum 1", created_at=on.clock.now),
            room,
            CapCount(cap.pk, cap.sk, ends_at=far, held=b""),
        )
        held = not_over(on, of.tenant)

        on.services.lapsing.run()
        on.services.sweeping.run()

        assert of_tenant(of.tenant) == []
        (entry,) = ledger(Action.TENANT_ENDED)
        assert entry.counts == held


def test_the_ledger_says_what_was_brought_to_its_end() -> None:
    """One entry with all counts; the sweep's proofs say the same of what it removed."""
    with at_its_end() as (on, of):
        held = not_over(on, of.tenant)
        on.services.lapsing.run()

        (entry,) = ledger(Action.TENANT_ENDED)
        assert (entry.tenant, entry.thing, entry.at) == (of.tenant, of.tenant, on.clock.now)
        assert entry.counts == held
        assert (entry.counts["Customer"], entry.counts["Appointment"], entry.counts["Tenant"]) == (2, 2, 1)
        on.services.sweeping.run()
        swept = [each.counts for each in ledger(Action.SWEPT)]
        assert sum(each.get("CUSTOMER", 0) for each in swept) == 2
        assert sum(each.get("TENANT", 0) for each in swept) == 1


@pytest.mark.parametrize(("seconds", "there"), [(-1, True), (0, False), (1, False)])
def test_it_is_gone_for_everybody_at_that_second(seconds: int, there: bool) -> None:
    """Before any job comes by: no session, no page, no free time, no booking."""
    with at_its_end() as (on, of):
        on.clock.now += seconds * SECOND
        if there:
            assert on.services.offering.published(of.tenant).tenant.company == "Praxis Brunner"
            return
        with pytest.raises(NotSignedInError):
            on.services.sessions.authenticate(of.token)
        with pytest.raises(NotFoundError):
            on.services.offering.published(of.tenant)
        with pytest.raises(NotFoundError):
            on.services.offering.slots(of.tenant, of.service.id, of.expert, frm=on.clock.now, to=on.clock.now + DAY)
        with pytest.raises(NotFoundError):
            on.services.booking.book(wish(of, starts_at=MONDAY_10 + 35 * DAY), network=NETWORK, repeat=None)


def test_a_second_before_nothing_is_ended() -> None:
    """The job looks at the time, too."""
    with at_its_end() as (on, of):
        on.clock.now -= SECOND
        before = of_tenant(of.tenant)

        assert on.services.lapsing.run() == Lapsed()
        assert len(of_tenant(of.tenant)) == len(before)


def test_another_business_is_not_touched() -> None:
    """Nor is the installation, nor a customer of both with the same address."""
    with at_its_end() as (on, of):
        other = business(on, email="urs@andere.example")
        booked(on, other, starts_at=MONDAY_10 + 42 * DAY, email="anna0@kundin.example")
        before = sorted(map(repr, of_tenant(other.tenant)))
        installation = sorted(map(repr, of_tenant(INSTALLATION)))

        on.services.lapsing.run()
        on.services.sweeping.run()

        assert sorted(map(repr, of_tenant(other.tenant))) == before
        assert sorted(map(repr, of_tenant(INSTALLATION))) == installation
        assert of_tenant(of.tenant) == []


def test_what_was_sealed_is_unreadable_once_it_has_ended() -> None:
    """Whoever kept a copy of a record has no key to it."""
    with at_its_end() as (on, of):
        copy = stored(Appointment)[0]
        on.services.lapsing.run()
        on.services.sweeping.run()
        vars(on.services)["vault"] = Keyring(on.vault._store, on.kms, clock=on.clock)

        with pytest.raises(KeyDestroyedError):
            on.vault.preload(of.tenant, [copy.subject])


def test_businesses_take_turns() -> None:
    """A small one is over although a large one was there first."""
    with at_its_end(customers=4) as (on, large), mock.patch.object(terminating, "_AT_ONCE", 4):
        on.clock.now -= 30 * DAY
        small = business(on, email="urs@andere.example")
        on.clock.now = cancelled(on, small)
        turns = iter(range(9))

        first = on.services.lapsing.run(may_go_on=lambda: next(turns, None) is not None)

        assert first == Lapsed(ended=1, waiting=1)
        assert [entry.tenant for entry in ledger(Action.TENANT_ENDED)] == [small.tenant]
        assert on.services.lapsing.run() == Lapsed(ended=1)
        on.services.sweeping.run()
        assert of_tenant(large.tenant) == of_tenant(small.tenant) == []


def test_counts_of_several_runs_add_up() -> None:
    """What a run that was cut off had ended is counted on the record of the business."""
    with at_its_end(customers=4) as (on, of), mock.patch.object(terminating, "_AT_ONCE", 4):
        held = not_over(on, of.tenant)
        turns = iter(range(4))
        on.services.lapsing.run(may_go_on=lambda: next(turns, None) is not None)
        on.services.sweeping.run()
        assert len(of_tenant(of.tenant)) < held.total()

        on.services.lapsing.run()

        (entry,) = ledger(Action.TENANT_ENDED)
        assert entry.counts == held


def test_what_changes_this_very_moment_is_ended_by_the_next_run() -> None:
    """Such as a message whose receipt comes in."""
    with at_its_end() as (on, of):

        def receipt() -> None:
            message = next(each for each in stored(Notification) if each.about and each.about != of.tenant)
            transaction = Transaction()
            transaction.mark(message)
            transaction.commit()

        with before_commit(receipt):
            assert on.services.lapsing.run() == Lapsed(waiting=1)
        assert ledger(Action.TENANT_ENDED) == []
        assert on.services.lapsing.run() == Lapsed(ended=1)


def test_whoever_is_under_a_legal_hold_stays_until_it_ends() -> None:
    """With key and data, out of everybody's sight; and the business's key with them, without which theirs is none."""
    with stage() as on:
        of = business(on)
        held, free = booked(on, of), booked(on, of, email="beat@kundin.example", starts_at=MONDAY_10 + 3600 * SECOND)
        until = on.clock.now + 90 * DAY
        wanted = Wanted(ground=HoldGround.LEGAL_CLAIM, reason="a claim is pending", ends_at=until)
        on.services.holding.place(of.session, held.subject, wanted, network=NETWORK, repeat=None)
        on.clock.now = cancelled(on, of)
        on.services.lapsing.run()
        for _ in range(3):
            on.services.sweeping.run()
            on.clock.now += DAY

        left = of_tenant(of.tenant)
        assert {item["pk"]["S"] for item in left if free.subject in repr(item)} == set()
        assert {"Customer", "Appointment", "Holds", "HeldPerson", "Tenant", "TenantKey"} <= kinds(left)
        assert "Staff" not in kinds(left)
        assert fetch(Appointment.ref(of.tenant, held.subject, held.id)) is None
        on.clock.now = until
        for _ in range(3):
            on.services.sweeping.run()
            on.clock.now += DAY
        assert of_tenant(of.tenant) == []


def test_what_a_legal_duty_keeps_is_blocked_until_that_is_over() -> None:
    """As its declaration says: the business may end, the duty does not."""
    with at_its_end() as (on, of):
        appointment = stored(Appointment)[0]
        put(TrialInvoice(*where(of.tenant, appointment.subject, "INVOICE"), issued_at=on.clock.now - DAY))
        on.services.lapsing.run()
        sweeping(on).run()

        invoice = the(TrialInvoice)
        assert (invoice.standing(), invoice.blocked_since) == (Standing.BLOCKED, on.clock.now)
        assert invoice.expires_at == datetime(2037, 1, 1, tzinfo=UTC)
        assert kinds(of_tenant(of.tenant)) == {"TrialInvoice"}
        on.clock.now = datetime(2037, 1, 1, tzinfo=UTC)
        sweeping(on).run()
        assert of_tenant(of.tenant) == []


def test_stamping_anew_brings_nothing_back() -> None:
    """A declaration that changed in between, or a release."""
    with at_its_end() as (on, of):
        on.services.lapsing.run()
        on.services.restamping.run()
        on.services.sweeping.run()

        assert of_tenant(of.tenant) == []


def test_the_counts_of_the_ledger_stay() -> None:
    """They are closed and proven like those of any other day."""
    with at_its_end() as (on, of):
        day = on.clock.now.date()
        written = Written(tenant=of.tenant, day=day, action="staff:tenant:cancelled", processor=None, number=1)
        on.services.tallying.take([written])
        on.services.lapsing.run()
        on.services.sweeping.run()

        assert [each.day for each in stored(LedgerDay) if each.tenant == of.tenant] == [day]


def test_dynamodb_does_not_remove_the_business_before_the_rest() -> None:
    """By its record what is left is found: only once all of that is at its end has it a time to live."""
    with at_its_end() as (on, _):
        assert the(Tenant).ttl is None

        on.services.lapsing.run()

        assert the(Tenant).ttl == on.clock.now + DAY


def test_photos_go_with_who_is_on_them() -> None:
    """Files lie under the key of their record."""
    with at_its_end() as (on, of):
        photo = f"TENANT/{of.tenant}/SUBJECT/{of.expert}/STAFF/photo"
        on.files.objects |= {photo, "other"}
        on.services.lapsing.run()
        on.services.sweeping.run()

        assert on.files.objects == {"other"}


def test_a_business_on_a_plan_never_ends() -> None:
    """Nor does the operator's own."""
    with stage() as on:
        business(on)
        on.clock.now += 4000 * DAY

        assert on.services.lapsing.run() == Lapsed()
