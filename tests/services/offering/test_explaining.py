"""Why a time is, or is not, offered: each rule by itself, with what stands in the way."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.busy import DayBusy, Outside
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.wall_time import MINUTE
from chalicelib.records.appointment import Appointment
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.writing import Transaction
from chalicelib.services.offering.explaining import Explanation, Rule, Verdict
from chalicelib.services.offering.hours import Absence
from tests.builders import NETWORK, weekdays, wish
from tests.services.looking import ledger
from tests.services.offering_builders import DAY, MARCH, Practice, practice

HOUR = timedelta(hours=1)
TEN = MARCH + 2 * DAY + 10 * HOUR  # a Wednesday on which only Regula works, from nine to twelve
LINK = "d" * 32


def explained(
    at: Practice, name: str, start: datetime, *, expert: str = "", duration: int | None = None
) -> Explanation:
    """The verdicts on a time with Regula, unless somebody else is named."""
    service = at.services[name].id
    return at.on.services.explaining.explain(
        at.of.session, service, expert or at.of.expert, start, duration=duration, network=NETWORK
    )


def broken(told: Explanation) -> list[Verdict]:
    """What does not hold."""
    return [each for each in told.verdicts if each.holds is not True]


def rules_broken(told: Explanation) -> set[Rule]:
    """Which rules do not."""
    return {each.rule for each in broken(told)}


def book(at: Practice, name: str, start: datetime, **changes: Any) -> Appointment:
    """An appointment with Regula."""
    asked = wish(at.of, service=at.services[name].id, starts_at=start, **changes)
    return at.on.services.booking.book(asked, network=NETWORK, repeat=None)


def test_a_free_time_keeps_every_rule() -> None:
    """Each is told once, and the look leaves one entry about the expert."""
    with practice() as at:
        told = explained(at, "group", TEN - HOUR)

        assert told.offered
        assert [each.rule for each in told.verdicts] == [each for each in Rule if each is not Rule.ROOM] + [Rule.ROOM]
        (noted,) = ledger(Action.AVAILABILITY_EXPLAINED)
        assert (noted.about, noted.thing, noted.network) == (at.of.expert, at.services["group"].id, NETWORK)


@pytest.mark.parametrize(
    ("start", "rules"),
    [
        pytest.param(TEN - HOUR + MINUTE, {Rule.GRID}, id="off-the-grid"),
        pytest.param(TEN - HOUR + timedelta(seconds=1), {Rule.GRID}, id="within-a-minute"),
        pytest.param(TEN - HOUR - MINUTE, {Rule.HOURS, Rule.GRID}, id="too-early"),
        pytest.param(TEN + 2 * HOUR, {Rule.HOURS, Rule.GRID}, id="too-late"),
        pytest.param(TEN + 75 * MINUTE, {Rule.HOURS}, id="does-not-fit"),
        pytest.param(TEN - HOUR - 65 * DAY, {Rule.NOTICE}, id="past"),
        pytest.param(TEN - 2 * HOUR + 55 * DAY, set(), id="on-the-last-day"),
        pytest.param(TEN - 2 * HOUR + 56 * DAY, {Rule.HORIZON}, id="beyond-the-horizon"),
        pytest.param(MARCH + 4 * DAY + 9 * HOUR, {Rule.ABSENCE}, id="away"),
        pytest.param(MARCH + 3 * DAY + 23 * HOUR - 4 * MINUTE, {Rule.HOURS, Rule.GRID, Rule.ABSENCE}, id="nearly-away"),
        pytest.param(MARCH + 3 * DAY + 23 * HOUR - 5 * MINUTE, {Rule.HOURS, Rule.GRID}, id="not-yet-away"),
        pytest.param(MARCH + DAY + 8 * HOUR, {Rule.HOURS, Rule.GRID, Rule.CLOSURE}, id="closed"),
        pytest.param(MARCH + 5 * DAY + 10 * HOUR, {Rule.HOURS, Rule.GRID}, id="on-saturday"),
    ],
)
def test_the_rule_that_forbids_it_is_named(start: datetime, rules: set[Rule]) -> None:
    """And no other one."""
    with practice() as at:
        assert rules_broken(explained(at, "group", start)) == rules


def test_hours_say_what_decided_on_them() -> None:
    """A weekday, an exception, a public holiday with its name, a travel's zone."""
    with practice() as at:
        asked = {
            "weekday": (at.of.expert, TEN),
            "exception": (at.of.expert, MARCH + 13 * DAY + 6 * HOUR),
            "holiday": (at.of.expert, MARCH + 14 * DAY + 9 * HOUR),  # Easter Monday, in summer time
            "travel": (at.beat.staff, MARCH + 8 * DAY + 15 * HOUR),
        }
        told = {
            name: next(each for each in explained(at, "brief", start, expert=who).verdicts if each.rule is Rule.HOURS)
            for name, (who, start) in asked.items()
        }

        zurich = "Europe/Zurich"
        assert told["weekday"].detail == {"date": "2027-03-17", "zone": zurich, "why": "weekly-hours"}
        assert told["exception"].detail == {"date": "2027-03-28", "zone": zurich, "why": "exception"}
        holiday = {"why": "public-holiday", "region": "CH-ZH", "holiday": "Ostermontag"}
        assert told["holiday"].detail == {"date": "2027-03-29", "zone": zurich, **holiday}
        assert told["travel"].detail == {"date": "2027-03-23", "zone": "America/New_York", "why": "weekly-hours"}
        assert [told[name].holds for name in asked] == [True, False, False, True]


def test_what_takes_the_time_is_named_by_its_id() -> None:
    """An appointment stays; what waits says when it lapses; nobody is named."""
    with practice() as at:
        held = book(at, "group", TEN - HOUR)
        at.change("brief", caps=())

        (wrong,) = broken(explained(at, "brief", TEN - HOUR))

        assert (wrong.rule, wrong.who) == (Rule.FREE, at.of.expert)
        assert wrong.detail == {
            "id": held.id,
            "from": (TEN - HOUR).isoformat(),
            "until": (TEN + 5 * MINUTE).isoformat(),
        }


def test_what_waits_says_until_when() -> None:
    """From that second on it is in nobody's way."""
    with practice() as at:
        at.change("group", confirm_within=60, seats=1)
        held = book(at, "group", TEN - HOUR)
        assert held.lapses_at is not None

        wrong = {each.rule: each for each in broken(explained(at, "group", TEN - HOUR))}
        at.on.clock.now = held.lapses_at

        assert wrong.keys() == {Rule.FREE, Rule.ROOM}
        assert wrong[Rule.FREE].detail["lapses_at"] == held.lapses_at.isoformat()
        assert explained(at, "group", TEN - HOUR).offered


def test_the_time_of_a_linked_calendar_is_named_by_its_link() -> None:
    """What is in it nobody knows."""
    with practice() as at:
        sheet = DaySheet.blank(at.of.tenant, at.of.expert, date(2027, 3, 17))
        sheet.content = DayBusy((), (Outside(8 * 60, 9 * 60, LINK),))
        written = Transaction()
        written.create(sheet)
        written.commit()

        (wrong,) = broken(explained(at, "brief", TEN - 25 * MINUTE))

        assert (wrong.rule, wrong.detail["link"]) == (Rule.CALENDARS, LINK)


def test_a_group_with_a_seat_left_is_in_nobodys_way() -> None:
    """Even if the grid has moved since; once it is full it is."""
    with practice() as at:
        book(at, "group", TEN - HOUR)
        at.change("group", step=50)
        assert explained(at, "group", TEN - HOUR).offered
        at.set_hours(at.of.expert, replace(weekdays(start=8 * 60 + 20)))
        book(at, "group", TEN - HOUR)
        assert explained(at, "group", TEN - HOUR).offered
        book(at, "group", TEN - HOUR)

        wrong = broken(explained(at, "group", TEN - HOUR))

        assert {each.rule for each in wrong} == {Rule.FREE, Rule.ROOM, Rule.GRID}
        assert len([each for each in wrong if each.rule is Rule.FREE]) == 3


def test_a_room_that_is_taken_and_a_cap_that_is_reached_are_named() -> None:
    """The rooms of the set, the period of the cap."""
    with practice() as at:
        tuesday = MARCH + 8 * DAY + 9 * HOUR
        at.set_hours(at.beat.staff, weekdays())
        book(at, "group", tuesday)
        at.change("massage", resources=((at.rooms[1],),))
        at.change("brief", experts=frozenset({at.of.expert}))
        book(at, "brief", tuesday + 70 * MINUTE)

        (room,) = broken(explained(at, "massage", tuesday + 20 * MINUTE, expert=at.beat.staff))
        (cap,) = broken(explained(at, "brief", tuesday + 105 * MINUTE))

        assert (room.rule, room.who) == (Rule.ROOM, at.rooms[1])
        assert (cap.rule, cap.detail) == (Rule.CAP, {"each": "day"})


def test_what_is_done_together_is_explained_for_each() -> None:
    """One who has no hours at all says so."""
    with practice() as at:
        told = explained(at, "advice", TEN - HOUR)
        assert {(each.rule, each.who) for each in broken(told)} >= {(Rule.HOURS, at.beat.staff)}
        assert not [each for each in broken(told) if each.who == at.of.expert]
        at.change("advice", together=False)

        assert explained(at, "advice", TEN - HOUR).offered


def test_what_is_archived_closed_or_never_that_long_is_not_offered() -> None:
    """Nor what another expert does, who is not found."""
    with practice() as at:
        assert rules_broken(explained(at, "massage", TEN - HOUR, duration=46)) == {Rule.DURATION}
        at.on.services.offering.archive_service(at.of.session, at.services["massage"].id, version=None, network=NETWORK)
        assert rules_broken(explained(at, "massage", TEN - HOUR)) == {Rule.OFFERED}
        at.on.services.tenancies.cancel(at.of.session, network=NETWORK)
        assert rules_broken(explained(at, "brief", TEN - HOUR)) == {Rule.OPEN}
        with pytest.raises(NotFoundError):
            explained(at, "group", TEN, expert=at.beat.staff)


def test_an_absence_says_from_when_until_when() -> None:
    """As far as it is one."""
    with practice() as at:
        away = Absence(frm=TEN, until=TEN + HOUR)
        at.set_hours(at.of.expert, weekdays(), away)

        (wrong,) = broken(explained(at, "brief", TEN + 20 * MINUTE))

        assert wrong.detail == {"from": TEN.isoformat(), "until": (TEN + HOUR).isoformat()}
