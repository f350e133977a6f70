"""The record of a business: its end follows from its contract, and so does what is due next."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.handling import Keep, Then
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.periods import years
from chalicelib.records._base import Record, Standing
from chalicelib.records.due import TENANCY, ended
from chalicelib.records.reading import fetch
from chalicelib.records.staff import StaffAddress
from chalicelib.records.tenant import Tenant
from chalicelib.records.walking import everybody, everything, of_person, own, part_of, people
from tests.records.record_builders import (
    ANNA,
    BEN,
    NOW,
    OTHER,
    TENANT,
    appointment,
    customer,
    notification,
    person,
    store,
)
from tests.records.trial_kinds import TrialInvoice, handling, where
from tests.services.trial_sweeps import put
from tests.stage import stage

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
TRIAL_ENDS = NOW + 30 * DAY


def tenant(**changes: Any) -> Tenant:
    """A business on trial; nothing of it is sealed."""
    ref = Tenant.ref(TENANT)
    values = {"zone": "Europe/Zurich", "language": "de", "country": "CH", "registered_at": NOW}
    return Tenant(ref.pk, ref.sk, **{**values, "trial_ends_at": TRIAL_ENDS, **changes})


@pytest.mark.parametrize(("seconds", "there"), [(-1, True), (0, False), (1, False)])
def test_it_is_absent_from_its_end_on(seconds: int, there: bool) -> None:
    """Thirty days after the trial, to the second."""
    with stage() as on:
        store(tenant())
        on.clock.now = TRIAL_ENDS + 30 * DAY + seconds * SECOND

        assert (fetch(Tenant.ref(TENANT)) is not None) is there


@pytest.mark.parametrize(("seconds", "there"), [(-1, True), (0, False), (1, False)])
def test_who_never_confirmed_is_absent_after_a_week(seconds: int, there: bool) -> None:
    """And ended by the sweep like anything else; no trial has begun."""
    with stage() as on:
        store(tenant(unconfirmed_since=NOW, trial_ends_at=None))
        on.clock.now = NOW + 7 * DAY + seconds * SECOND

        assert (fetch(Tenant.ref(TENANT)) is not None) is there
        assert list(ended(TENANCY, until=NOW + 4000 * DAY, limit=9)) == []


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, TRIAL_ENDS - 7 * DAY),
        ({"told_until": TRIAL_ENDS - 7 * DAY}, TRIAL_ENDS - DAY),
        ({"told_until": TRIAL_ENDS}, TRIAL_ENDS + 30 * DAY),
        ({"cancelled_at": NOW}, NOW + 30 * DAY),
        ({"plan": "standard"}, None),
        ({"plan": "standard", "cancelled_at": NOW + DAY}, NOW + 31 * DAY),
    ],
    ids=["first", "second", "told", "cancelled", "plan", "cancelled-plan"],
)
def test_it_stands_in_the_index_with_what_is_next(changes: dict[str, Any], due: datetime | None) -> None:
    """A notice, or the end; on a plan nothing."""
    with stage():
        store(tenant(**changes))

        found = [each.at for each in ended(TENANCY, until=NOW + 4000 * DAY, limit=9)]
        assert found == ([due] if due else [])


def test_the_installation_is_no_business_that_ends() -> None:
    """Its operator's record is on a plan."""
    ref = Tenant.ref(INSTALLATION)
    with stage():
        held = Tenant(ref.pk, ref.sk, language="de", country="CH", registered_at=NOW, plan="standard")
        store(held)

        assert (held.expires_at, held.due_at) == (None, None)


def test_the_claims_of_a_business_are_found_without_the_addresses() -> None:
    """Those that are live, of this business."""
    with stage() as on:
        common = {"zone": "Europe/Zurich"}
        for index, of, staff in (("1" * 32, TENANT, ANNA), ("2" * 32, TENANT, BEN), ("3" * 32, OTHER, ANNA)):
            ref = StaffAddress.ref(index)
            since = NOW if staff == BEN else None
            store(StaffAddress(ref.pk, ref.sk, of_tenant=of, of_staff=staff, unconfirmed_since=since, **common))

        assert [each.of_staff for each in StaffAddress.all_of(TENANT)] == [ANNA, BEN]
        on.clock.now = NOW + 7 * DAY
        assert [each.of_staff for each in StaffAddress.all_of(TENANT)] == [ANNA]


# Ends that are brought forward


def test_a_record_whose_end_is_brought_forward_is_over_at_once() -> None:
    """And stays so, whatever its declaration would give it."""
    with stage() as on:
        person(on)
        held = customer()
        store(held)
        held.end(NOW)
        held.stamp()

        assert (held.standing(), held.expires_at, held.due_at) == (Standing.EXPIRED, NOW, NOW)
        held.stamp()
        assert held.expires_at == NOW


def test_what_waits_to_be_sent_is_not_tried_any_more() -> None:
    """Its place in the index is that of what ends."""
    with stage():
        held = notification(send_at=NOW + 9 * DAY, next_at=NOW + 9 * DAY)
        held.end(NOW)
        held.stamp()

        assert (str(held.due_shard).partition("#")[0], held.due_at) == ("EXPIRY", NOW)


def test_what_a_legal_duty_keeps_is_blocked_instead() -> None:
    """Until the duty is over, also where its own period had not begun to run."""
    with stage():
        held = TrialInvoice(*where(TENANT, ANNA, "INVOICE"), issued_at=NOW)
        held.end(NOW)
        held.stamp()

        assert held.standing() is Standing.BLOCKED
        assert (held.blocked_since, held.expires_at) == (NOW, datetime(2037, 1, 1, tzinfo=NOW.tzinfo))


def test_a_duty_that_is_over_first_ends_what_would_have_been_used_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the duty keeps it any more."""
    longer = handling(Keep(years(20), "issued_at"), then=Then.BLOCK_THEN_DELETE, blocked=Keep(years(10), "issued_at"))
    monkeypatch.setattr(TrialInvoice, "handling", longer)
    with stage():
        held = TrialInvoice(*where(TENANT, ANNA, "INVOICE"), issued_at=NOW)
        held.end(NOW)
        held.stamp()

        assert (held.standing(), held.expires_at) == (Standing.BLOCKED, NOW.replace(year=2036))


# Walking


def test_everything_is_walked_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """People by their keys, records by their partition, in order, whatever their state; nobody else's."""
    monkeypatch.setattr("chalicelib.records.walking._PAGE", 2)
    with stage() as on:
        crowd = sorted([*(f"{number:032x}" for number in range(5)), ANNA])
        for who in crowd:
            person(on, subject=who)
        person(on, tenant=OTHER, subject=BEN)
        put(*(appointment(thing=f"{number:032x}") for number in range(5)), customer())

        assert list(everybody(TENANT)) == crowd
        assert people(TENANT, after=crowd[1], most=2) == crowd[2:4]
        assert people(TENANT, after=crowd[-1], most=2) == []
        walked = list(everything(of_person(TENANT, ANNA)))
        assert [each.sk for each in walked] == [*(f"APPOINTMENT#{number:032x}" for number in range(5)), "CUSTOMER"]
        assert _kinds(part_of(of_person(TENANT, ANNA), after="APPOINTMENT#~", most=9)) == ["Customer"]
        on.clock.now = NOW + 4000 * DAY
        assert len(list(everything(of_person(TENANT, ANNA)))) == 6
        assert list(everything(own(TENANT))) == []


def test_a_part_is_whole_however_much_it_holds() -> None:
    """DynamoDB stops at 1 MB, wherever that is."""
    with stage() as on:
        person(on, subject=ANNA)
        things = [f"{number:032x}" for number in range(5)]
        put(*(appointment(thing=thing, customer_zone="Z" * 300_000) for thing in things))

        assert [each.sk[-32:] for each in part_of(of_person(TENANT, ANNA), most=9)] == things
        assert [each.sk[-32:] for each in part_of(of_person(TENANT, ANNA), most=4)] == things[:4]


def _kinds(records: list[Record]) -> list[str]:
    return [record.kind_name() for record in records]
