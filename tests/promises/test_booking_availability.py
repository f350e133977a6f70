"""booking, `availability`: what is shown can be booked, once, and the clocks may change meanwhile."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from itertools import pairwise
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.adapters.public_holidays import ComputedHolidays
from chalicelib.domain.slots import Availability, Interval, Offer, WorkingRange
from infra.local.client import Business
from infra.local.http_calls import HttpAnswer
from tests.deployed.people import Person
from tests.deployed.stack import Stack, instant, kind_of, written
from tests.domain.slots_oracle import Oracle

pytestmark = [pytest.mark.deployed, pytest.mark.promise("availability")]

ZURICH = ZoneInfo("Europe/Zurich")
UTC = ZoneInfo("UTC")
NIGHT = (("00:00", "02:30"), ("02:30", "05:00"), ("22:00", "24:00"))
TERMS: dict[str, Any] = {
    "duration": 45,
    "step": 20,
    "buffer_before": 10,
    "buffer_after": 20,
    "notice": 90,
    "horizon_days": 730,
}


def changes(after: datetime) -> list[date]:
    """The next two days, from three days on, on which the clocks are changed."""
    day = (after.astimezone(ZURICH) + timedelta(days=3)).date()
    found: list[date] = []
    while len(found) < 2:
        begins, ends = (datetime.combine(each, datetime.min.time(), ZURICH) for each in (day, day + timedelta(days=1)))
        if begins.utcoffset() != ends.utcoffset():
            found.append(day)
        day += timedelta(days=1)
    return found


def hours(ranges: Sequence[tuple[str, str]], exceptions: dict[str, Any] | None = None) -> dict[str, Any]:
    """The same hours every day, as they are sent."""
    same = [{"start": start, "end": end} for start, end in ranges]
    other = [{"date": day, "ranges": given} for day, given in (exceptions or {}).items()]
    return {
        "zone": "Europe/Zurich",
        "weekly": [{"weekday": day, "ranges": same} for day in range(1, 8)],
        "exceptions": other,
    }


def rules(ranges: Sequence[tuple[str, str]], closed: Sequence[date] = ()) -> Availability:
    """The same hours, as the slot rules take them."""
    minutes = [tuple(int(time[:2]) * 60 + int(time[3:]) for time in pair) for pair in ranges]
    working = tuple(WorkingRange(start, end) for start, end in minutes)
    return Availability(
        zone="Europe/Zurich", weekly=dict.fromkeys(range(7), working), exceptions=dict.fromkeys(closed, ())
    )


def busy_with(starts: Sequence[str]) -> list[Interval]:
    """The time that booked starts take, in minutes since 1970."""
    taken = [int(instant(start).timestamp()) // 60 for start in starts]
    return [Interval(at - TERMS["buffer_before"], at + TERMS["duration"] + TERMS["buffer_after"]) for at in taken]


def shown(stack: Stack, of: Business, frm: datetime, to: datetime) -> list[str]:
    """What the API offers."""
    return stack.client.slots(of, frm=frm.astimezone(UTC), to=to.astimezone(UTC))


@pytest.mark.parametrize("which", [0, 1])
def test_slots_around_a_change_of_the_clocks_are_those_of_the_rules(stack: Stack, which: int) -> None:
    """Against a second, slow implementation of the rules; before and after two times are taken, one in the night."""
    day = changes(stack.cloud.now())[which]
    closed = day + timedelta(days=1)
    open_at_night = stack.business(hours=hours(NIGHT, {closed.isoformat(): []}), **TERMS)
    frm = datetime.combine(day, datetime.min.time(), ZURICH) - timedelta(days=1)
    to = frm + timedelta(days=4)
    offer = Offer(**{name: TERMS[name] for name in TERMS})
    wanted = {"now": stack.cloud.now(), "frm": frm.astimezone(UTC), "to": to.astimezone(UTC)}

    empty = Oracle(offer, rules(NIGHT, [closed]), []).starts(**wanted)
    first = shown(stack, open_at_night, frm, to)
    taken = [first[len(first) // 3], first[-1]]
    for start in taken:
        stack.book(open_at_night, Person(), starts_at=start)
    rest = Oracle(offer, rules(NIGHT, [closed]), busy_with(taken)).starts(**wanted)

    assert len(first) > 20
    assert first == [written(each) for each in empty]
    assert shown(stack, open_at_night, frm, to) == [written(each) for each in rest]
    assert len(rest) < len(empty) - 2


def test_every_time_of_a_week_that_is_shown_can_be_booked(stack: Stack) -> None:
    """The week in which the clocks change, at night too; afterwards nothing is left to book, and nothing overlaps."""
    day = changes(stack.cloud.now())[0]
    practice = stack.business(
        hours=hours((("01:00", "04:00"), ("16:00", "17:00"))), duration=60, step=60, buffer_after=0, horizon_days=730
    )
    frm = datetime.combine(day, datetime.min.time(), ZURICH) - timedelta(days=4)
    week = frm, frm + timedelta(days=7)
    offered = shown(stack, practice, *week)

    booked = [stack.client.try_to_book(practice, starts_at=each, **Person().customer()) for each in offered]

    assert 25 <= len(offered) <= 29
    assert [answer.status for answer in booked] == [201] * len(offered)
    assert shown(stack, practice, *week) == []
    spans = sorted((answer.json()["starts_at"], answer.json()["ends_at"]) for answer in booked)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))


@pytest.mark.parametrize("apart", [0, 30])
def test_of_sixteen_at_once_one_gets_the_time(stack: Stack, apart: int) -> None:
    """The same start for all, or two that overlap; the others are told so. Thrice, with all functions warm at last."""
    practice = stack.business(step=30, buffer_after=0)

    for days in (3, 4, 5):
        free = stack.free(practice, days=days)
        answers = sixteen_at_once(stack, practice, (free[0], free[apart // 30]))
        lost = [answer for answer in answers if answer.status != 201]
        assert len(lost) == 15
        assert {kind_of(answer) for answer in lost} == {(409, "slot-taken")}

    held = [item for item in stack.stored("records", kind="Appointment") if practice.tenant in item["pk"]]
    assert len(held) == 3
    assert len([key for key in stack.stored("keys") if practice.tenant in key["pk"]]) == 6


def sixteen_at_once(stack: Stack, practice: Business, starts: tuple[str, str]) -> list[HttpAnswer]:
    """What sixteen people hear who book at the same moment."""
    people = [Person() for _ in range(16)]
    begin = Barrier(len(people))

    def book(number: int) -> HttpAnswer:
        begin.wait()
        return stack.client.try_to_book(practice, starts_at=starts[number % 2], **people[number].customer())

    with ThreadPoolExecutor(len(people)) as threads:
        return list(threads.map(book, range(len(people))))


@pytest.mark.parametrize(("setting", "value"), [("notice", 24 * 60 * 7), ("horizon_days", 2)])
def test_notice_and_horizon_are_kept_when_booking_too(stack: Stack, setting: str, value: int) -> None:
    """Not only when showing: who asks for such a time all the same is refused."""
    anytime = stack.business()
    start = stack.free(anytime, days=5)[0]  # whatever the hour: in Zurich it may be tomorrow already
    changed: dict[str, Any] = {setting: value}
    strict = stack.business(**changed)

    answer = stack.client.try_to_book(strict, starts_at=start, **Person().customer())

    assert start not in stack.free(strict, days=5)
    assert kind_of(answer) == (409, "slot-taken")


def test_holidays_absences_sites_rooms_and_seats_are_kept(stack: Stack) -> None:
    """A group at a site, around a public holiday of its canton and in an absence; staff are told why; then 304."""
    holiday = next(day for day in _holidays("CH-ZH") if day > (stack.cloud.now() + timedelta(days=5)).date())
    practice = stack.business(horizon_days=730)
    signed_in, path = practice.signed_in, f"/tenants/{practice.tenant}/services/{practice.service}/slots"
    frm = datetime.combine(holiday, datetime.min.time(), ZURICH)
    before = frm - timedelta(days=1)
    site = {"name": "Seefeld", "street": "Seestrasse 1", "postal_code": "8008", "city": "Zürich", "holidays": "CH-ZH"}
    places = stack.client.ask("PUT", "/premises", wanted=200, json={"sites": [site], "closures": []}, headers=signed_in)
    here = places["sites"][0]["id"]
    room = stack.client.ask("POST", "/resources", wanted=201, json={"name": "Saal", "site": here}, headers=signed_in)[
        "id"
    ]
    terms = {"name": "Kurs", "duration": 60, "step": 60, "seats": 2, "site": here, "resources": [[room]]}
    terms |= {"experts": [practice.expert], "horizon_days": 730, "notice": 0}
    stack.client.ask("PUT", f"/services/{practice.service}", wanted=200, json=terms, headers=signed_in)
    ranges = [{"start": "09:00", "end": "12:00", "site": here}]
    weekly = [{"weekday": day, "ranges": ranges} for day in range(1, 8)]
    away = {"from": written(before + timedelta(hours=10)), "until": written(before + timedelta(hours=12))}
    set_hours = {"zone": "Europe/Zurich", "weekly": weekly, "absences": [away]}
    stack.client.ask("PUT", f"/staff/{practice.expert}/availability", wanted=200, json=set_hours, headers=signed_in)
    asked = f"{path}?from={written(before)}&to={written(frm + timedelta(days=1))}&zone=Europe/Zurich"

    first = stack.call("GET", asked)
    again = stack.call("GET", asked, headers={"If-None-Match": first.headers["etag"]})
    (nine,) = first.json()["starts"]
    left = [first.json()["seats"]]
    for _ in range(2):
        stack.book(practice, Person(), starts_at=written(instant(nine)))
        left.append(stack.call("GET", asked).json()["seats"])
    time = f"expert={practice.expert}&starts_at={written(frm + timedelta(hours=9))}"
    told = stack.call("GET", f"/services/{practice.service}/explanation?{time}", headers=signed_in).json()

    assert nine == f"{before.date()}T09:00:00{before.isoformat()[-6:]}"
    assert again.status == 304
    assert left == [[2], [1], []]
    assert [(each["rule"], each["detail"]["why"]) for each in told["verdicts"] if each["rule"] == "working-hours"] == [
        ("working-hours", "public-holiday")
    ]
    assert not told["offered"]


def _holidays(region: str) -> list[date]:
    """Those of the next years whose eve is none, and that lie far from any change of the clocks."""
    computed = ComputedHolidays()
    days = [day for year in range(2026, 2032) for day in computed.of(region, year)]
    return [day for day in days if day - timedelta(days=1) not in days and day.month in {1, 5, 8, 12}]
