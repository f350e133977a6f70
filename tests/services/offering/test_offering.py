"""Services, hours, and the times that can be booked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    IdempotencyMismatchError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    VersionMismatchError,
)
from chalicelib.domain.slots import Availability as Rules
from chalicelib.domain.slots import WorkingRange
from chalicelib.records.service import Service
from chalicelib.services.door.offers import days_that_matter
from chalicelib.services.repeating import Repeatable
from tests.builders import MONDAY_10, NETWORK, Business, booked, business, registered, terms, weekdays
from tests.services.looking import ledger, stored
from tests.services.meddling import before_commit, calls
from tests.services.prepared import open_business
from tests.stage import Stage, stage

DAY = timedelta(days=1)
NOBODY = "f" * 32
MONDAY = MONDAY_10.replace(hour=0)


def slots(on: Stage, of: Business, **changes: Any) -> list[datetime]:
    """The free times of the Monday after next."""
    asked = {"tenant": of.tenant, "service_id": of.service.id, "expert": of.expert, "frm": MONDAY, "to": MONDAY + DAY}
    return on.services.offering.slots(**{**asked, **changes})


def keyed(content: str = "the request") -> Repeatable:
    """A request with an Idempotency-Key."""
    repeat = Repeatable.of("key-0001", scope="service", content=content)
    assert repeat is not None
    return repeat


def second_business(on: Stage) -> Business:
    """Another tenant."""
    return business(on, email="urs@andere.example", company="Andere AG")


def test_free_times_follow_hours_grid_and_duration() -> None:
    """Eight to five in Zurich, an hour each, every half hour: the last starts at four."""
    with stage() as on:
        found = slots(on, business(on))

        first, last = datetime(2026, 11, 9, 7, 0, tzinfo=UTC), datetime(2026, 11, 9, 15, 0, tzinfo=UTC)
        assert (found[0], found[-1], len(found)) == (first, last, 17)


def test_what_is_booked_is_not_offered() -> None:
    """Ten to eleven takes half past nine, ten and half past ten away, and nothing else."""
    with open_business() as (on, of):
        before = slots(on, of)

        booked(on, of)

        gone = {MONDAY_10 + timedelta(minutes=minutes) for minutes in (-30, 0, 30)}
        assert set(before) - set(slots(on, of)) == gone


def test_an_appointment_that_is_to_be_moved_is_not_in_its_own_way() -> None:
    """Its time counts as free; that of others does not."""
    with open_business() as (on, of):
        mine, _ = booked(on, of), booked(on, of, starts_at=MONDAY_10 + timedelta(hours=3))
        asked: dict[str, Any] = {"frm": MONDAY, "to": MONDAY + DAY, "appointment": mine.id}

        found = on.services.offering.slots_for_move(of.tenant, of.service.id, of.expert, **asked)

        assert MONDAY_10 in found
        assert MONDAY_10 + timedelta(hours=3) not in found


def test_times_before_and_after_the_range_stay_out() -> None:
    """From is in, to is out: only the start counts."""
    with open_business() as (on, of):
        assert slots(on, of, frm=MONDAY_10, to=MONDAY_10 + timedelta(minutes=30)) == [MONDAY_10]
        assert slots(on, of, frm=MONDAY_10 + timedelta(seconds=1), to=MONDAY_10 + timedelta(minutes=30)) == []


@pytest.mark.parametrize(
    ("length", "good"),
    [
        (timedelta(0), False),
        (timedelta(seconds=1), True),
        (timedelta(days=62), True),
        (timedelta(days=62, seconds=1), False),
        (timedelta(seconds=-1), False),
    ],
)
def test_a_range_is_more_than_nothing_and_62_days_at_most(length: timedelta, good: bool) -> None:
    """What costs more than one page can't be asked for."""
    with open_business() as (on, of):
        if good:
            slots(on, of, to=MONDAY + length)
        else:
            with pytest.raises(InvalidInputError) as refused:
                slots(on, of, to=MONDAY + length)
            assert refused.value.field == "to"


@pytest.mark.parametrize(
    "frm",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, tzinfo=UTC),
        datetime(9999, 12, 30, tzinfo=UTC),
        datetime(2031, 1, 1, tzinfo=UTC),
    ],
)
def test_the_ends_of_the_calendar_hold_no_times(frm: datetime) -> None:
    """Far off, there is nothing; nothing breaks either."""
    with stage() as on:
        assert slots(on, business(on), frm=frm, to=frm + timedelta(hours=20)) == []


@pytest.mark.parametrize("hours", [-12, 0, 14])
def test_the_zone_in_which_a_range_is_written_does_not_matter(hours: int) -> None:
    """Long appointments with long buffers on the next two UTC days forbid the start, wherever one asks from."""
    with stage() as on:
        of = business(on, offering={"duration": 1440, "buffer_after": 1440, "step": 60, "horizon_days": 300})
        always = Rules(zone="UTC", weekly={day: (WorkingRange(0, 1440),) for day in range(7)}, exceptions={})
        on.services.offering.set_availability(of.session, of.expert, always, version=None, network=NETWORK)
        far = datetime(2026, 11, 12, 5, 0, tzinfo=UTC)
        booked(on, of, starts_at=far)
        zone = timezone(timedelta(hours=hours))

        found = slots(on, of, frm=(far - 4 * DAY).astimezone(zone), to=(far - timedelta(hours=42)).astimezone(zone))

        assert found[-1] == far - 2 * DAY


@pytest.mark.parametrize("frm", [datetime(1, 1, 1, tzinfo=UTC), MONDAY, datetime(9999, 12, 1, tzinfo=UTC)])
def test_sheets_are_asked_for_in_order(frm: datetime) -> None:
    """DynamoDB refuses a range whose end comes before its beginning; the fake does not."""
    first, last = days_that_matter(frm, frm + DAY, now=MONDAY_10 - 7 * DAY)

    assert first <= last


def test_an_expert_without_hours_has_no_times() -> None:
    """Not set is not the same as unknown."""
    with stage() as on:
        signed_in = registered(on)
        caller = on.services.sessions.authenticate(signed_in.token)
        made = on.services.offering.create_service(caller, terms(caller.staff), network=NETWORK, repeat=None)

        found = on.services.offering.slots(caller.tenant, made.id, caller.staff, frm=MONDAY, to=MONDAY + DAY)

        assert found == []


def test_an_expert_who_does_not_do_the_service_is_not_found() -> None:
    """Nor is a service of another tenant, or one that never was."""
    with open_business() as (on, of):
        other = second_business(on)

        for changes in ({"expert": other.expert}, {"service_id": other.service.id}, {"service_id": NOBODY}):
            with pytest.raises(NotFoundError):
                slots(on, of, **changes)


def test_only_ones_own_staff_can_be_experts() -> None:
    """Neither strangers nor another tenant's; nothing is stored then."""
    with open_business() as (on, of):
        other = second_business(on)

        for experts in ({NOBODY}, {other.expert}, {of.expert, other.expert}):
            with pytest.raises(InvalidInputError) as refused:
                on.services.offering.create_service(
                    of.session, terms(of.expert, experts=frozenset(experts)), network=NETWORK, repeat=None
                )
            assert refused.value.field == "experts"

        assert len(stored(Service)) == 2


def test_a_service_made_twice_with_one_key_is_one() -> None:
    """One after the other, or at once; and another request with the key is refused."""
    with open_business() as (on, of):

        def create(content: str = "the request") -> Service:
            return on.services.offering.create_service(
                of.session, terms(of.expert, name="Massage"), network=NETWORK, repeat=keyed(content)
            )

        with before_commit(create):
            first = create()
        again = create()

        assert first.id == again.id
        assert len([each for each in stored(Service) if each.name == "Massage"]) == 1
        with pytest.raises(IdempotencyMismatchError):
            create("another request")


def test_a_change_is_made_on_the_version_that_was_read() -> None:
    """Whoever read an older one is told to read again; no version overwrites."""
    with open_business() as (on, of):

        def change(name: str, version: int | None) -> Service:
            return on.services.offering.change_service(
                of.session, of.service.id, terms(of.expert, name=name), version=version, network=NETWORK
            )

        changed = change("Zweites", 1)
        with pytest.raises(VersionMismatchError):
            change("Drittes", 1)
        change("Viertes", None)

        assert changed.version == 2
        assert [(each.name, each.version) for each in stored(Service)] == [("Viertes", 3)]
        assert len(ledger(Action.SERVICE_CHANGED)) == 2


def test_of_two_changes_at_once_one_is_refused() -> None:
    """Nobody's change is lost without their knowing."""
    with open_business() as (on, of):

        def change(name: str) -> Service:
            return on.services.offering.change_service(
                of.session, of.service.id, terms(of.expert, name=name), version=1, network=NETWORK
            )

        with before_commit(lambda: change("first")), pytest.raises(VersionMismatchError):
            change("second")

        assert [each.name for each in stored(Service)] == ["first"]


def test_another_tenants_service_can_neither_be_changed_nor_listed() -> None:
    """To its caller it does not exist."""
    with open_business() as (on, of):
        other = second_business(on)

        with pytest.raises(NotFoundError):
            on.services.offering.change_service(
                of.session, other.service.id, terms(of.expert), version=None, network=NETWORK
            )

        assert [each.id for each in on.services.offering.services(of.session, network=NETWORK)] == [of.service.id]


def test_hours_come_back_as_they_were_set() -> None:
    """Week, exceptions and the expert's own zone."""
    with open_business() as (on, of):
        rules = replace(weekdays(600, 660, zone="Europe/Lisbon"), exceptions={date(2026, 12, 24): ()})

        on.services.offering.set_availability(of.session, of.expert, rules, version=1, network=NETWORK)

        held = on.services.offering.availability(of.session, of.expert, network=NETWORK)
        assert (held.rules(), held.version) == (rules, 2)


@pytest.mark.parametrize(("held", "version", "good"), [(0, 0, True), (0, 1, False), (1, 1, True), (1, 0, False)])
def test_hours_are_changed_on_the_version_that_was_read(held: int, version: int, good: bool) -> None:
    """Zero is the version of hours that were never set."""
    with stage() as on:
        caller = on.services.sessions.authenticate(registered(on).token)
        for _ in range(held):
            on.services.offering.set_availability(caller, caller.staff, weekdays(), version=None, network=NETWORK)

        def change() -> object:
            return on.services.offering.set_availability(
                caller, caller.staff, weekdays(), version=version, network=NETWORK
            )

        if good:
            change()
        else:
            with pytest.raises(VersionMismatchError):
                change()
        assert len(ledger(Action.AVAILABILITY_CHANGED)) == held + good


def test_experts_set_their_own_hours_and_admins_everybodys() -> None:
    """Who is an expert only does not touch a colleague's."""
    with open_business() as (on, of):
        colleague = replace(of.session, staff=NOBODY, roles=frozenset({"expert"}))

        with pytest.raises(NotAllowedError):
            on.services.offering.set_availability(colleague, of.expert, weekdays(), version=None, network=NETWORK)

        admin = replace(of.session, staff=NOBODY, roles=frozenset({"admin"}))
        assert on.services.offering.set_availability(admin, of.expert, weekdays(), version=None, network=NETWORK)


def test_hours_of_a_stranger_are_not_found() -> None:
    """Another tenant's member does not exist here, for reading or for setting."""
    with open_business() as (on, of):
        other = second_business(on)

        with pytest.raises(NotFoundError):
            on.services.offering.set_availability(of.session, other.expert, weekdays(), version=None, network=NETWORK)
        with pytest.raises(NotFoundError):
            on.services.offering.availability(of.session, other.expert, network=NETWORK)


def test_visitors_see_a_business_with_its_services_and_experts() -> None:
    """Names only, of this business only."""
    with open_business() as (on, of):
        second_business(on)

        seen = on.services.offering.published(of.tenant)

        assert seen.tenant.company == "Praxis Brunner"
        assert [each.name for each in seen.services] == ["Erstgespräch"]
        assert [each.display_name for each in seen.experts] == ["Regula Brunner"]


def test_an_unknown_business_is_not_found() -> None:
    """And no key is made for it."""
    with stage() as on:
        business(on)
        before = on.kms.calls

        with pytest.raises(NotFoundError):
            on.services.offering.published(NOBODY)

        assert on.kms.calls == before


def test_a_month_of_times_is_one_query_beside_one_batch() -> None:
    """However much is booked."""
    with open_business() as (on, of):
        booked(on, of)

        with calls() as made:
            slots(on, of, to=MONDAY + 31 * DAY)

        assert sorted(made) == ["BatchGetItem", "Query"]
