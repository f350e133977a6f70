"""Days that are not like the others: holidays of two cantons, a journey, and the clock changes."""

import itertools
from datetime import date, datetime, timedelta

from infra.local.demo.practice.opening import hours
from infra.local.demo.practice.scene import Practice
from infra.local.demo.steps import expect, remark, step


def holidays_differ(practice: Practice) -> None:
    """The Immaculate Conception is a holiday in Ticino, and none in Zurich."""
    day = _next(practice, 12, 8)
    with step(f"On {day:%A, %d %B %Y} Lugano is closed, and Zurich is not"):
        remark("8 December is a public holiday in the canton of Ticino only")
        expect(0, len(practice.slots("Trattamento", day)["starts"]), "free times in Lugano")
        expect(True, len(practice.slots("Treatment", day)["starts"]) > 10, "there are free times in Zurich")
        after = day + timedelta(days=1)
        expect(True, len(practice.slots("Trattamento", after)["starts"]) > 5, "the day after there are some in Lugano")
        christmas = _next(practice, 12, 25)
        both = [len(practice.slots(name, christmas)["starts"]) for name in ("Treatment", "Trattamento")]
        expect([0, 0], both, "on Christmas Day in Zurich and Lugano")


def one_expert_travels(practice: Practice) -> None:
    """Daniel works from New York for a week: his wall times are those of there."""
    with step("Daniel is in New York for a week and gives advice from there, at his usual hours"):
        daniel, monday = practice.experts["Daniel"], _monday(practice, 14)
        trip = {
            "first": monday.isoformat(),
            "last": (monday + timedelta(days=4)).isoformat(),
            "zone": "America/New_York",
        }
        week = hours(dict.fromkeys(range(1, 6), practice.sites["Zürich"]))
        practice.asks("PUT", f"/staff/{daniel.id}/availability", json={**week, "travels": [trip]}, by=daniel.header)
        there = practice.slots("Advice", monday, expert=daniel.id)["starts"]
        expect("14:00", there[0][11:16], "his first time that Monday, in Zurich's time")
        home = practice.slots("Advice", monday + timedelta(days=7), expert=daniel.id)["starts"]
        expect("08:00", home[0][11:16], "a week later, back home")
        shown = practice.slots("Advice", monday, expert=daniel.id, zone="America/New_York")["starts"]
        expect("08:00", shown[0][11:16], "the same, shown in New York's time")


def clocks_change(practice: Practice) -> None:
    """One night has an hour less, one an hour more."""
    spring, autumn = _last_sunday(practice, 3), _last_sunday(practice, 10)
    with step(f"In the night of {spring:%d %B %Y} an hour is skipped"):
        starts = practice.slots("Night line", spring)["starts"]
        expect(["00:00", "01:00", "03:00", "04:00", "05:00"], [each[11:16] for each in starts], "free hours")
        expect(5, len(set(map(_instant, starts))), "all of them different")
        lengths = [_instant(two) - _instant(one) for one, two in itertools.pairwise(starts)]
        expect({timedelta(hours=1)}, set(lengths), "an hour apart each")
    with step(f"In the night of {autumn:%d %B %Y} an hour comes twice"):
        starts = practice.slots("Night line", autumn)["starts"]
        walls = [each[11:16] for each in starts]
        expect(["00:00", "01:00", "02:00", "02:00", "03:00", "04:00", "05:00"], walls, "free hours")
        expect(7, len(set(map(_instant, starts))), "all of them different")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _next(practice: Practice, month: int, day: int) -> date:
    today = practice.cloud.now().date()
    this = date(today.year, month, day)
    return this if this > today else date(today.year + 1, month, day)


def _monday(practice: Practice, days: int) -> date:
    found = practice.cloud.now().date() + timedelta(days=days)
    return found + timedelta(days=-found.weekday() % 7)


def _last_sunday(practice: Practice, month: int) -> date:
    """The clocks change on the last Sundays of March and October."""
    first = _next(practice, month, 25)
    return first + timedelta(days=6 - first.weekday())
