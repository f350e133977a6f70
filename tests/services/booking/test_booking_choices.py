"""With whom and where what is booked takes place: any expert, all of them, rooms, seats, caps, closed times."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.errors import InvalidInputError, NotFoundError, SlotTakenError
from chalicelib.domain.terms import Cap, Each
from chalicelib.records.appointment import Appointment
from chalicelib.records.cap_count import CapCount
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.participation import Participation
from chalicelib.services.offering.reading import Search
from tests.builders import MONDAY_10, NETWORK, terms
from tests.services.booking_builders import book, experts, premises, rooms, service, write
from tests.services.looking import stored, the
from tests.services.meddling import calls
from tests.services.prepared import open_business

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def test_appointments_with_anybody_are_shared_by_weight() -> None:
    """Twice as many to who has twice the weight, as long as everybody is free."""
    with open_business() as (on, of):
        one, two = experts(on, of, 2)
        what = service(on, of, [one, two], weights=((one, 1), (two, 2)), horizon_days=60)

        made = [book(on, of, what, number, starts_at=MONDAY_10 + number * DAY) for number in range(4)]
        made += [book(on, of, what, number, starts_at=MONDAY_10 + number * DAY) for number in (7, 8)]

        assert [each.expert for each in made] == [two, one, two, two, one, two]
        assert {each.over for each in stored(CapCount)} == {"2026-11"}


def test_who_is_busy_is_not_chosen_whoever_s_turn_it_is() -> None:
    """And where nobody is left, nobody is."""
    with open_business() as (on, of):
        who = experts(on, of, 3)
        what = service(on, of, who)

        made = [book(on, of, what, number) for number in range(3)]

        assert [each.expert for each in made] == who
        with pytest.raises(SlotTakenError):
            book(on, of, what, 9)


def test_a_newcomer_gets_their_share_and_not_everything() -> None:
    """Two have had five each; from then on everybody gets every third."""
    with open_business() as (on, of):
        one, two, three = experts(on, of, 3)
        what = service(on, of, [one, two])
        for number in range(10):
            book(on, of, what, number, starts_at=MONDAY_10 + (number // 5) * DAY + (number % 5) * HOUR)
        on.clock.move(seconds=1)
        what.apply(service(on, of, [one, two, three]).terms())
        write(what)

        made = [book(on, of, what, number, starts_at=MONDAY_10 + 2 * DAY + number * HOUR) for number in range(6)]

        assert Counter(each.expert for each in made) == {one: 2, two: 2, three: 2}


def test_what_is_done_together_takes_everybody() -> None:
    """All calendars; who comes second finds one of them busy; the others have it in their lists."""
    with open_business() as (on, of):
        one, two, three = experts(on, of, 3)
        both, alone = service(on, of, [one, two], together=True), service(on, of, [two, three])

        held = book(on, of, both, expert=two)

        assert (held.expert, held.others) == (two, {one})
        assert {each.pk.rpartition("#")[2] for each in stored(DaySheet)} == {one, two}
        place = the(Participation)
        assert (place.expert, place.appointment, place.starts_at) == (one, held.id, MONDAY_10)
        assert book(on, of, alone, 1).expert == three
        with pytest.raises(SlotTakenError):
            book(on, of, both, 2)


def test_of_each_set_of_rooms_a_free_one_is_taken() -> None:
    """The first that is; three experts and two rooms make two appointments."""
    with open_business() as (on, of):
        who, (red, blue), (device,) = experts(on, of, 3), rooms(on, 2), rooms(on, 1)
        what = service(on, of, who, resources=((red, blue), (device,)), buffer_after=30)
        other = service(on, of, who, resources=((red, blue),))

        made = [book(on, of, what), book(on, of, other, 1)]

        assert [set(each.resources or ()) for each in made] == [{red, device}, {blue}]
        with pytest.raises(SlotTakenError, match="room"):
            book(on, of, other, 2)
        with pytest.raises(SlotTakenError, match="room"):
            book(on, of, what, 2, starts_at=MONDAY_10 + HOUR)  # until the device is clean


def test_a_group_has_its_seats_and_stays_in_its_room() -> None:
    """Who comes later sits with the others; then the next expert begins a group, in another room."""
    with open_business() as (on, of):
        (one, two), where = experts(on, of, 2), rooms(on, 2)
        what = service(on, of, [one, two], seats=2, resources=(where,))

        made = [book(on, of, what, number) for number in range(4)]

        assert [each.expert for each in made] == [one, one, two, two]
        assert [each.resources for each in made] == [{where[0]}, {where[0]}, {where[1]}, {where[1]}]
        assert len({each.group for each in made}) == 1
        assert made[0].group != 0
        with pytest.raises(SlotTakenError):
            book(on, of, what, 5)


def test_a_group_does_not_move_when_another_room_gets_free() -> None:
    """Two rooms for one course would be one too many."""
    with open_business() as (on, of):
        (one, two), (red, blue) = experts(on, of, 2), rooms(on, 2)
        course, other = service(on, of, [one], seats=3, resources=((red, blue),)), service(on, of, [two])
        other.resources = [[red]]
        write(other)
        meeting = book(on, of, other)
        first = book(on, of, course, 1)
        on.services.changing.cancel(on.services.linking.self_service(meeting)["cancel"], network=NETWORK)

        assert (first.resources, book(on, of, course, 2).resources) == ({blue}, {blue})


def test_a_room_of_another_expert_s_group_is_taken() -> None:
    """However many seats are left there."""
    with open_business() as (on, of):
        (one, two), where = experts(on, of, 2), rooms(on, 1)
        what = service(on, of, [one, two], seats=5, resources=(where,))
        book(on, of, what, expert=one)

        with pytest.raises(SlotTakenError, match="room"):
            book(on, of, what, 1, expert=two)


@pytest.mark.parametrize(
    ("cap", "times", "more"),
    [
        (Cap(each=Each.DAY, count=2), 2, DAY),
        (Cap(each=Each.WEEK, minutes=150), 2, 7 * DAY),
        (Cap(each=Each.MONTH, count=1), 1, 22 * DAY),
    ],
    ids=["a day", "a week", "a month"],
)
def test_a_cap_is_kept_with_each_expert(cap: Cap, times: int, more: timedelta) -> None:
    """To the last one that fits; the next period begins at zero, and so does who gives one back."""
    with open_business() as (on, of):
        (one,) = experts(on, of, 1)
        what = service(on, of, [one], caps=(cap,))
        made = [book(on, of, what, number, starts_at=MONDAY_10 + number * HOUR) for number in range(times)]

        with pytest.raises(SlotTakenError):
            book(on, of, what, 5, starts_at=MONDAY_10 + 4 * HOUR)
        assert book(on, of, what, 6, starts_at=MONDAY_10 + more)
        on.services.changing.cancel(on.services.linking.self_service(made[0])["cancel"], network=NETWORK)
        assert book(on, of, what, 7, starts_at=MONDAY_10 + 4 * HOUR)


def test_the_day_of_a_cap_is_the_expert_s() -> None:
    """Nine in the evening in Zurich is the day after in Auckland."""
    with open_business() as (on, of):
        (one,) = experts(on, of, 1, zone="Pacific/Auckland")
        what = service(on, of, [one], caps=(Cap(each=Each.DAY, count=1),))
        evening = datetime(2026, 11, 9, 20, tzinfo=UTC)

        book(on, of, what, starts_at=evening)

        assert the(CapCount).over == "2026-11-10"
        assert book(on, of, what, 1, starts_at=evening - 20 * HOUR)


@pytest.mark.parametrize("each", list(Each), ids=lambda each: each.value)
def test_a_cap_holds_for_what_was_booked_before_it_was_laid_down(each: Each) -> None:
    """As long as that holds its time; what is not of the service or was cancelled does not count."""
    with open_business() as (on, of):
        made = [book(on, of, of.service, number, starts_at=MONDAY_10 + number * HOUR) for number in range(3)]
        book(on, of, service(on, of, [of.expert]), 4, starts_at=MONDAY_10 + 4 * HOUR)
        on.services.changing.cancel(on.services.linking.self_service(made[0])["cancel"], network=NETWORK)

        laid = terms(of.expert, caps=(Cap(each=each, count=3),))
        on.services.offering.change_service(of.session, of.service.id, laid, version=None, network=NETWORK)

        assert the(CapCount).minutes == {each.id: 60 for each in made[1:]}
        assert book(on, of, of.service, 5)
        with pytest.raises(SlotTakenError, match="Choose"):
            book(on, of, of.service, 6, starts_at=MONDAY_10 + 5 * HOUR)
        on.services.changing.cancel(on.services.linking.self_service(made[1])["cancel"], network=NETWORK)
        assert book(on, of, of.service, 6, starts_at=MONDAY_10 + 5 * HOUR)


def closed(**values: Any) -> dict[str, Any]:
    """When nobody works, as it is stored."""
    return {"from": (MONDAY_10 - HOUR).isoformat(), "until": (MONDAY_10 + 30 * MINUTE).isoformat(), **values}


@pytest.mark.parametrize("case", ["absent", "closure", "holiday", "elsewhere"])
def test_closed_times_can_not_be_booked(case: str) -> None:
    """An absence, a closure, a public holiday, a site at which nobody works then."""
    with open_business() as (on, of):
        absences = [closed(id="a" * 32, stand_in=None)] if case == "absent" else []
        (one,) = experts(on, of, 1, absences=absences)
        if case == "closure":
            premises(of, closures=[[closed()["from"], closed()["until"]]])
        if case == "holiday":
            premises(of, holidays="CH-ZH")
        what = service(on, of, [one], site="f" * 32 if case == "elsewhere" else None, horizon_days=60)
        start = datetime(2026, 12, 25, 9, tzinfo=UTC) if case == "holiday" else MONDAY_10

        if case == "elsewhere":  # hours without a site count everywhere
            assert book(on, of, what)
            return
        with pytest.raises(SlotTakenError):
            book(on, of, what, starts_at=start)
        assert book(on, of, what, starts_at=start + 3 * DAY + HOUR)


@pytest.mark.parametrize(("last", "refused"), [(date(2026, 11, 8), True), (date(2026, 11, 9), False)])
def test_a_service_can_end_on_a_day(last: date, *, refused: bool) -> None:
    """That day still counts."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1), bookable_until=last)

        if refused:
            with pytest.raises(SlotTakenError):
                book(on, of, what)
        else:
            assert book(on, of, what)


def test_what_is_no_longer_offered_is_not_there() -> None:
    """Archived services are refused as unknown ones are."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1))
        what.archived_at = on.clock.now
        write(what)

        with pytest.raises(NotFoundError):
            book(on, of, what)


@pytest.mark.parametrize(("duration", "ends"), [(None, 60), (60, 60), (30, 30), (90, 90)])
def test_a_duration_can_be_chosen(duration: int | None, ends: int) -> None:
    """One of those that the service has."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1), durations=(30, 60, 90), buffer_after=10)

        held = book(on, of, what, duration=duration)

        assert held.ends_at == MONDAY_10 + ends * MINUTE
        assert held.blocked_until == held.ends_at + 10 * MINUTE
        with pytest.raises(InvalidInputError, match="durations"):
            book(on, of, what, 1, duration=45, starts_at=MONDAY_10 + 3 * HOUR)


def test_what_is_shown_can_be_booked() -> None:
    """Every slot of a week, of a service with everything: two experts, a room, seats, caps, an absence."""
    with open_business() as (on, of):
        absences = [closed(id="a" * 32, stand_in=None)]
        who = [*experts(on, of, 1), *experts(on, of, 1, absences=absences)]
        what = service(
            on,
            of,
            who,
            step=60,
            seats=2,
            resources=(rooms(on, 1),),
            caps=(Cap(each=Each.DAY, count=3), Cap(each=Each.WEEK, minutes=600)),
        )
        search = Search(tenant=of.tenant, service=what.id, expert=None, frm=MONDAY_10 - DAY, to=MONDAY_10 + 5 * DAY)
        number = 0

        while starts := on.services.offering.free(search).starts:
            number += 1
            assert book(on, of, what, number, starts_at=starts[number * 7 % len(starts)])

        assert number == 20
        assert len({each.id for each in stored(Appointment)}) == number


def test_a_booking_costs_three_round_trips_whatever_it_takes() -> None:
    """Other experts, rooms and counts are read with what there is to the address, all of it at once."""
    with open_business() as (on, of):
        who, where = experts(on, of, 12), rooms(on, 3)
        plain = service(on, of, who[:1])
        rich = service(on, of, who, resources=(where,), caps=(Cap(each=Each.DAY, count=3),), seats=2)
        book(on, of, plain, 1)

        with calls() as alone:
            book(on, of, plain, 2, expert=who[0], starts_at=MONDAY_10 + HOUR)
        with calls() as fresh:
            book(on, of, rich, 3)
        with calls() as known:
            book(on, of, rich, 1, starts_at=MONDAY_10 + 2 * HOUR)

        assert alone == fresh == known == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]


def test_fifty_experts_are_read_side_by_side() -> None:
    """More than one call takes, but none that waits for another."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 50))
        book(on, of, what)

        with calls() as made:
            assert book(on, of, what, 1)

        assert made == ["BatchGetItem"] * 3 + ["TransactWriteItems"]
