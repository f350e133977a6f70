"""Services that are put away, sites, closures, rooms; hours with absences; busy times."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    SlotTakenError,
    VersionMismatchError,
)
from chalicelib.domain.slots import Availability, Interval
from chalicelib.domain.wall_time import MINUTE, instant_of
from chalicelib.records.premises import Premises
from chalicelib.records.service import Service
from chalicelib.services.booking.reserving import Pick
from chalicelib.services.offering.hours import Absence, absences_of
from chalicelib.services.offering.premises import Site
from tests.builders import NETWORK, VISITOR, weekdays, wish
from tests.services.colleagues import colleague
from tests.services.looking import ledger, stored
from tests.services.meddling import calls
from tests.services.offering_builders import DAY, MARCH, SITE, Practice, practice, ranges, regulas_hours

NOBODY = "f" * 32
HOUR = timedelta(hours=1)


def set_sites(at: Practice, *sites: Site, version: int | None = None, holidays: str | None = None) -> Premises:
    """All sites at once."""
    return at.on.services.offering.set_premises(
        at.of.session, sites, [], holidays=holidays, version=version, network=NETWORK
    )


def names(at: Practice, **asked: object) -> list[str]:
    """The services that a list shows."""
    held = at.on.services.offering.services(at.of.session, network=NETWORK, **asked)  # type: ignore[arg-type]
    return sorted(each.name for each in held)


def test_an_archived_service_is_offered_to_nobody_and_comes_back_as_it_was() -> None:
    """What is booked stays; each step leaves one entry, and done again it changes nothing."""
    with practice() as at:
        offering, brief = at.on.services.offering, at.services["brief"].id
        before = next(each.terms() for each in stored(Service) if each.id == brief)

        for _ in range(2):
            offering.archive_service(at.of.session, brief, version=None, network=NETWORK)
        assert (names(at), names(at, archived=True)) == (["Erstgespräch", "advice", "group", "massage"], ["brief"])
        assert brief not in {each.id for each in offering.published(at.of.tenant).services}
        with pytest.raises(NotFoundError):
            offering.free(at.search("brief"))
        assert offering.service(at.of.session, brief, network=NETWORK).archived_at is not None
        for _ in range(2):
            offering.restore_service(at.of.session, brief, version=None, network=NETWORK)

        assert offering.free(at.search("brief")).starts
        assert next(each.terms() for each in stored(Service) if each.id == brief) == before
        assert len(ledger(Action.SERVICE_ARCHIVED)) == len(ledger(Action.SERVICE_RESTORED)) == 1


def test_an_appointment_of_an_archived_service_can_still_be_moved() -> None:
    """Its own time counts as free."""
    with practice() as at:
        offering, group = at.on.services.offering, at.services["group"].id
        start = offering.free(at.search("group")).starts[0]
        of = wish(at.of, service=group, starts_at=start)
        held = at.on.services.booking.book(of, network=NETWORK, repeat=None)
        offering.archive_service(at.of.session, group, version=None, network=NETWORK)

        found = offering.slots_for_move(
            at.of.tenant, group, at.of.expert, frm=MARCH, to=MARCH + DAY, appointment=held.id, duration=60
        )

        assert start in found


def test_an_appointment_is_moved_with_those_who_take_part() -> None:
    """Whoever does the service by now: what is shown is what moving takes."""
    with practice() as at:
        offering, advice = at.on.services.offering, at.services["advice"].id
        start = offering.free(at.search("advice")).starts[0]
        of = wish(at.of, service=advice, starts_at=start)
        held = at.on.services.booking.book(of, network=NETWORK, repeat=None)
        at.change("advice", together=False, experts=frozenset({at.beat.staff}))
        others = frozenset(held.others or ())
        asked: dict[str, Any] = {"frm": MARCH, "to": MARCH + 7 * DAY, "appointment": held.id}

        alone = offering.slots_for_move(at.of.tenant, advice, at.of.expert, **asked)
        both = offering.slots_for_move(at.of.tenant, advice, at.of.expert, others=others, **asked)

        assert others == {at.beat.staff}
        assert start in both
        assert set(both) < set(alone)
        token = at.on.services.linking.self_service(held)["reschedule"]
        assert at.on.services.changing.slots(token, frm=MARCH, to=MARCH + 7 * DAY, network=NETWORK) == both
        at.on.services.changing.move(token, both[-1], network=NETWORK)


@pytest.mark.parametrize(
    ("name", "found"), [("GROUP", ["group"]), ("r", ["Erstgespräch", "brief", "group"]), ("x", [])]
)
def test_services_are_found_by_a_part_of_their_name(name: str, found: list[str]) -> None:
    """In whatever case."""
    with practice() as at:
        assert names(at, name=name) == found


def test_a_service_does_not_come_back_without_its_room() -> None:
    """What it needs was put away meanwhile."""
    with practice() as at:
        offering, (_, second) = at.on.services.offering, at.rooms
        for name in ("group", "massage", "advice"):
            offering.archive_service(at.of.session, at.services[name].id, version=None, network=NETWORK)
        offering.archive_resource(at.of.session, second, version=None, network=NETWORK)

        with pytest.raises(InvalidInputError) as refused:
            offering.restore_service(at.of.session, at.services["group"].id, version=None, network=NETWORK)

        assert refused.value.field == "resources"


def test_a_room_is_put_away_or_moved_once_no_service_needs_it() -> None:
    """And can be used again."""
    with practice() as at:
        offering, (_, second) = at.on.services.offering, at.rooms
        with pytest.raises(ConflictError):
            offering.archive_resource(at.of.session, second, version=None, network=NETWORK)
        with pytest.raises(ConflictError):
            offering.change_resource(at.of.session, second, "Zwei", None, version=None, network=NETWORK)
        for name in ("group", "massage", "advice"):
            at.change(name, resources=())
        offering.change_resource(at.of.session, second, "Saal", None, version=None, network=NETWORK)
        offering.archive_resource(at.of.session, second, version=None, network=NETWORK)
        held = offering.restore_resource(at.of.session, second, version=None, network=NETWORK)

        assert held.name == "Saal"
        assert held.site is None
        assert held.archived_at is None


@pytest.mark.parametrize("version", [0, 2])
def test_a_room_is_changed_on_the_version_that_was_read(version: int) -> None:
    """Its name can change at any time."""
    with practice() as at:
        offering, (first, _) = at.on.services.offering, at.rooms
        with pytest.raises(VersionMismatchError):
            offering.change_resource(at.of.session, first, "A", at.site, version=version, network=NETWORK)
        assert offering.change_resource(at.of.session, first, "A", at.site, version=1, network=NETWORK).name == "A"


def test_sites_keep_their_ids_and_new_ones_get_one() -> None:
    """Unknown ids are refused, as are regions that nobody knows."""
    with practice() as at:
        kept = replace(SITE, id=at.site, name="Altstadt")

        held = set_sites(at, kept, SITE, version=1)

        assert [each["name"] for each in held.sites] == ["Altstadt", "Seefeld"]
        assert held.sites[0]["id"] == at.site != held.sites[1]["id"]
        with pytest.raises(InvalidInputError):
            set_sites(at, kept, replace(SITE, id=NOBODY))
        with pytest.raises(InvalidInputError):
            set_sites(at, kept, holidays="CH-XX")
        with pytest.raises(VersionMismatchError):
            set_sites(at, kept, version=1)


def test_a_site_that_is_in_use_stays() -> None:
    """By a service or a room that is offered."""
    with practice() as at:
        offering = at.on.services.offering
        with pytest.raises(ConflictError):
            set_sites(at)
        for name in ("massage", "group", "advice"):
            at.change(name, site=None, resources=())
        with pytest.raises(ConflictError):
            set_sites(at)
        for room in at.rooms:
            offering.archive_resource(at.of.session, room, version=None, network=NETWORK)

        assert set_sites(at).sites == []


def test_closures_that_are_over_are_dropped_with_the_next_change() -> None:
    """Those to come stay, in order."""
    with practice() as at:
        now = at.on.clock.now
        over, ends_now = (now - DAY, now - HOUR), (now - DAY, now)
        running, coming = (now - HOUR, now + HOUR), (now + DAY, now + 2 * DAY)
        kept = replace(SITE, id=at.site)

        held = at.on.services.offering.set_premises(
            at.of.session, [kept], [coming, over, ends_now, running], holidays=None, version=None, network=NETWORK
        )

        expected = [[since.isoformat(), until.isoformat()] for since, until in (running, coming)]
        assert held.closures == expected


def test_a_business_without_premises_has_none() -> None:
    """Version 0 is that of what was never set."""
    with practice() as at:
        at.on.services.offering.premises(at.of.session, network=NETWORK)
        stranger = replace(at.of.session, tenant=NOBODY)

        held = at.on.services.offering.premises(stranger, network=NETWORK)

        assert (held.sites, held.closures, held.version) == ([], [], None)


def test_absences_say_what_is_booked_in_them() -> None:
    """What starts before and reaches in, and what all do together; not what ends as they begin."""
    with practice() as at:
        offering, session = at.on.services.offering, at.of.session
        free = offering.free(at.search("advice", frm=MARCH + DAY, to=MARCH + 2 * DAY)).starts
        booked = [
            at.on.services.booking.book(
                wish(at.of, service=at.services["advice"].id, starts_at=start), network=NETWORK, repeat=None
            )
            for start in free[:3]
        ]
        since = free[1] + timedelta(minutes=29)
        away = Absence(frm=since, until=since + DAY, stand_in=at.of.expert)

        held = offering.set_hours(
            session, at.beat.staff, weekdays(), [away], holidays=None, version=None, network=NETWORK
        )

        assert [each.id for each in held.affected] == [each.id for each in booked[1:]]
        assert [(each.frm, each.stand_in, len(each.id)) for each in absences_of(held.hours)] == [
            (since, at.of.expert, 32)
        ]


def test_a_stand_in_is_a_colleague() -> None:
    """An expert; neither oneself nor a stranger. Sites are those of the business, regions those that are known."""
    with practice() as at:
        coming = Absence(frm=MARCH, until=MARCH + DAY)
        office = colleague(at.on, at.of, "carla@praxis-brunner.example", roles=("admin",)).staff
        for absence, hours, region, field in (
            (replace(coming, stand_in=office), weekdays(), None, "absences"),
            (replace(coming, stand_in=NOBODY), weekdays(), None, "absences"),
            (replace(coming, stand_in=at.of.expert), weekdays(), None, "absences"),
            (coming, regulas_hours(NOBODY), None, "weekly"),
            (coming, weekdays(), "CH-XX", "holidays"),
        ):
            with pytest.raises(InvalidInputError) as refused:
                at.set_hours(at.of.expert, hours, absence, holidays=region)
            assert refused.value.field == field


def test_who_leaves_stands_in_for_nobody_any_more() -> None:
    """Their id is nowhere left; the absence stays."""
    with practice() as at:
        at.set_hours(at.of.expert, weekdays(), Absence(frm=MARCH, until=MARCH + DAY, stand_in=at.beat.staff))

        at.on.services.deleting_staff.delete(at.of.session, at.beat.staff, hand_over_to=None, network=NETWORK)

        held = at.on.services.offering.availability(at.of.session, at.of.expert, network=NETWORK)
        assert [(each.frm, each.stand_in) for each in absences_of(held)] == [(MARCH, None)]


def test_absences_that_are_over_are_dropped() -> None:
    """With the next change of the hours."""
    with practice() as at:
        now = at.on.clock.now
        over, running = Absence(frm=now - DAY, until=now), Absence(frm=now - DAY, until=now + timedelta(seconds=1))

        at.set_hours(at.of.expert, weekdays(), over, running)

        held = at.on.services.offering.availability(at.of.session, at.of.expert, network=NETWORK)
        assert [each.until for each in absences_of(held)] == [running.until]


def test_who_is_away_is_named_with_whoever_stands_in() -> None:
    """As far as the range reaches, and only if the stand-in does the service, too."""
    with practice() as at:
        away = Absence(frm=MARCH - DAY, until=MARCH + DAY, stand_in=at.of.expert)
        at.set_hours(at.beat.staff, weekdays(), away)

        ((expert, told),) = at.on.services.offering.free(at.search("massage", expert=at.beat.staff)).away
        at.change("massage", experts=frozenset({at.beat.staff}))

        assert (expert, told.stand_in, told.frm, told.until) == (at.beat.staff, at.of.expert, MARCH, MARCH + DAY)
        assert at.on.services.offering.free(at.search("massage")).away == []


def test_busy_times_are_merged_and_say_no_more() -> None:
    """What is taken, and when nobody works: nights, a closure, the week-end."""
    with practice() as at:
        offering = at.on.services.offering
        group = offering.free(at.search("group")).starts[0]
        at.on.services.booking.book(
            wish(at.of, service=at.services["group"].id, starts_at=group), network=NETWORK, repeat=None
        )

        found = offering.busy_times(at.of.session, at.of.expert, frm=MARCH, to=MARCH + 2 * DAY, network=NETWORK)

        assert [(instant_of(each.start), each.end - each.start) for each in found.busy] == [(group, 65)]
        free = [(MARCH + 9 * HOUR, MARCH + 12 * HOUR), (MARCH + DAY + 9 * HOUR, MARCH + DAY + 12 * HOUR)]
        assert _times(found.off) == [(MARCH, free[0][0]), (free[0][1], free[1][0]), (free[1][1], MARCH + 2 * DAY)]
        assert ledger(Action.AVAILABILITY_READ)[-1].about == at.of.expert


def _times(intervals: list[Interval]) -> list[tuple[datetime, datetime]]:
    return [(instant_of(each.start), instant_of(each.end)) for each in intervals]


@pytest.mark.parametrize("days", [0, 63])
def test_busy_times_of_62_days_at_most(days: int) -> None:
    """As free times."""
    with practice() as at, pytest.raises(InvalidInputError):
        at.on.services.offering.busy_times(
            at.of.session, at.of.expert, frm=MARCH, to=MARCH + days * DAY, network=NETWORK
        )


def test_the_first_free_time_is_that_of_the_list() -> None:
    """However far ahead; none when there is none up to the horizon."""
    with practice() as at:
        offering, search = at.on.services.offering, at.search("group", frm=datetime(1970, 1, 1, tzinfo=UTC))
        soon = offering.first_free(search)
        late = offering.first_free(replace(search, frm=MARCH + 13 * DAY))
        listed = offering.free(replace(search, frm=MARCH + 13 * DAY, to=MARCH + 40 * DAY))

        assert soon.starts == [datetime(2027, 1, 11, 9, 30, tzinfo=UTC)]  # it is nine o'clock, with an hour's notice
        assert late.starts == listed.starts[:1]
        assert late.by_expert == {at.of.expert: late.starts}
        at.set_hours(at.of.expert, replace(weekdays(), weekly={}))
        assert offering.first_free(search).starts == []
        assert offering.first_free(replace(search, frm=datetime.max.replace(tzinfo=UTC))).starts == []


@pytest.mark.parametrize(
    ("days", "found"),
    [(1, True), (14, True), (15, True), (41, True), (43, True), (98, True), (120, True), (121, False)],
)
def test_the_first_free_time_is_found_on_whatever_day_up_to_the_horizon(days: int, found: bool) -> None:
    """No look leaves a gap to the next one."""
    with practice() as at:
        day = at.on.clock.now.date() + days * DAY
        at.set_hours(at.of.expert, Availability("Europe/Zurich", {}, {day: ranges((9, 10), site=at.site)}))

        first = at.on.services.offering.first_free(at.search("group", frm=at.on.clock.now))

        assert [each.date() for each in first.starts] == ([day] if found else [])


def test_a_duration_is_one_of_those_offered() -> None:
    """The usual one unless another is named."""
    with practice() as at:
        offering = at.on.services.offering
        usual, long = (offering.free(at.search("massage", duration=each)) for each in (None, 70))
        assert (usual.duration, long.duration) == (45, 70)
        assert len(usual.starts) > len(long.starts) > 0
        with pytest.raises(InvalidInputError) as refused:
            offering.free(at.search("massage", duration=60))
        assert refused.value.field == "duration"


def test_what_nobody_waits_for_any_more_is_free_again() -> None:
    """A reservation holds five minutes, not a second more, for the list as well."""
    with practice() as at:
        offering = at.on.services.offering
        service, start = at.services["group"].id, offering.free(at.search("group")).starts[0]
        at.change("group", seats=1)
        pick = Pick(tenant=at.of.tenant, service=service, expert=at.of.expert, starts_at=start, duration=None)
        kept = at.on.services.reserving.reserve(pick, visitor=VISITOR, repeat=None, form=None)
        assert start not in offering.free(at.search("group")).starts

        at.on.clock.now = kept.until - timedelta(seconds=1)
        assert start not in offering.free(at.search("group")).starts
        assert _busy_at(at, start)
        at.on.clock.now = kept.until
        assert start in offering.free(at.search("group")).starts
        assert not _busy_at(at, start)


def _busy_at(at: Practice, start: datetime) -> bool:
    found = at.on.services.offering.busy_times(at.of.session, at.of.expert, frm=start, to=start + HOUR, network=NETWORK)
    return bool(found.busy)


def test_several_experts_take_two_rounds_and_a_query_each() -> None:
    """Rooms and caps as much; one expert without them takes one."""
    with practice() as at:
        offering = at.on.services.offering
        wanted = {
            "massage": ["BatchGetItem"] * 2 + ["Query"] * 4,  # two experts, two rooms
            "brief": ["BatchGetItem"] * 2 + ["Query"] * 4,  # two experts, counts of both
            "group": ["BatchGetItem"] * 2 + ["Query"] * 2,  # one expert, one room
        }
        for name, made in wanted.items():
            with calls() as seen:
                offering.free(at.search(name))
            assert sorted(seen) == made, name


@pytest.mark.parametrize("rooms", [0, 1])
def test_seats_are_counted(rooms: int) -> None:
    """One less with each booking; a full group is not shown, nor is what would overlap it. In a room or without one."""
    with practice() as at:
        at.change("group", resources=((at.rooms[1],),)[:rooms])
        offering, service = at.on.services.offering, at.services["group"].id
        start = offering.free(at.search("group")).starts[0]
        left = []
        for _ in range(3):
            found = offering.free(at.search("group"))
            left.append(dict(zip(found.starts, found.seats_left(), strict=True))[start])
            at.on.services.booking.book(wish(at.of, service=service, starts_at=start), network=NETWORK, repeat=None)
            assert start + 45 * MINUTE not in offering.free(at.search("group")).starts

        assert left == [3, 2, 1]
        assert start not in offering.free(at.search("group")).starts


def test_a_group_stays_in_the_room_in_which_it_began() -> None:
    """If the service has another one now, nobody joins it any more; neither is it shown nor can it be booked."""
    with practice() as at:
        offering, service = at.on.services.offering, at.services["group"].id
        start = offering.free(at.search("group")).starts[0]
        of = wish(at.of, service=service, starts_at=start)
        at.on.services.booking.book(of, network=NETWORK, repeat=None)
        at.change("group", resources=((at.rooms[0],),))

        assert start not in offering.free(at.search("group")).starts
        with pytest.raises(SlotTakenError):
            at.on.services.booking.book(of, network=NETWORK, repeat=None)
