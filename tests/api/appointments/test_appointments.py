"""Lists, files and changes of appointments over HTTP, as staff ask for them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from chalice.test import Client
from icalendar import Calendar

from app import app
from chalicelib import wiring
from tests.builders import MONDAY_10, Business, booked
from tests.services.prepared import open_business
from tests.stage import Stage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PERSON = {"given_name": "Berta", "family_name": "Keller"}


@dataclass
class Desk:
    """An admin at the API."""

    on: Stage
    of: Business
    client: Client

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request; the answer."""
        sent = json.dumps(body).encode() if body is not None else b""
        told = {"Content-Type": "application/json", "Authorization": f"Bearer {self.of.token}", **headers}
        return self.client.http.request(method, f"/v1{path}", headers=told, body=sent)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Its status, and what it says."""
        answer = self.ask(method, path, body, **headers)
        return answer.status_code, json.loads(answer.body) if answer.body else None

    def listed(self, query: str) -> list[str]:
        """The starts in a list."""
        status, told = self.call("GET", f"/appointments?{query}")
        assert status == 200, told
        return [one["starts_at"] for one in told["appointments"]]

    def entered(self, **changes: Any) -> tuple[int, Any]:
        """An appointment that staff enter."""
        wanted = {
            "person": PERSON,
            "service": self.of.service.id,
            "expert": self.of.expert,
            "starts_at": _text(MONDAY_10),
        }
        return self.call("POST", "/appointments", {**wanted, **changes})


@contextmanager
def desk() -> Iterator[Desk]:
    """A business that is open."""
    with (
        open_business() as (on, of),
        Client(app) as client,
        mock.patch("chalicelib.wiring.services", return_value=on.services),
    ):
        assert wiring.services() is on.services
        yield Desk(on, of, client)


def _text(at: Any) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("day=2026-11-09", [0]),
        ("day=2026-11-10", [1]),
        ("week=2026-W46", [0, 1]),
        ("week=2026-W47", [2]),
        ("month=2026-11", [0, 1, 2]),
        ("month=2026-12", []),
        ("from=2026-11-09T09:00:00Z&to=2026-11-09T09:00:01Z", [0]),
        ("expert=all&month=2026-11&state=confirmed&state=cancelled", [0, 1, 2]),
        ("month=2026-11&state=cancelled", []),
        ("", []),
    ],
)
def test_lists_are_of_a_day_a_week_a_month_or_a_range(query: str, found: list[int]) -> None:
    """In the business's zone; of today if none is said."""
    with desk() as at:
        starts = [MONDAY_10, MONDAY_10 + DAY, MONDAY_10 + 7 * DAY]
        for number, each in enumerate(starts):
            booked(at.on, at.of, starts_at=each, email=f"k{number}@kunden.example")

        assert at.listed(query) == [_text(starts[number]) for number in found]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("day=2026-11-09&week=2026-W46", "day"),
        ("month=2026-11&from=2026-11-09T09:00:00Z", "month"),
        ("from=2026-11-09T09:00:00Z", "to"),
        ("to=2026-11-09T09:00:00Z", "from"),
        ("week=2025-W53", "week"),
        ("week=2026-47", "week"),
        ("month=2026-13", "month"),
        ("day=2026-02-30", "day"),
        ("day=9999-12-31", "day"),
        ("state=gone", "state"),
        ("cursor=bm9wZQ", "cursor"),
    ],
)
def test_what_is_no_range_is_refused(query: str, field: str) -> None:
    """With the field that is wrong."""
    with desk() as at:
        status, problem = at.call("GET", f"/appointments?{query}")

        assert (status, field in json.dumps(problem)) == (422, True), problem


def test_a_day_in_another_zone_is_another_day() -> None:
    """Today is what it is where the business is."""
    with desk() as at:
        booked(at.on, at.of)
        at.on.clock.now = MONDAY_10.replace(hour=0) - HOUR  # midnight in Zurich, when sessions have ended
        session = at.on.services.sessions
        with mock.patch.object(type(session), "authenticate", return_value=at.of.session):
            assert at.listed("") == [_text(MONDAY_10)]
            at.on.clock.now -= timedelta(seconds=1)
            assert at.listed("") == []


def test_a_list_says_what_staff_need() -> None:
    """And its version, for changes."""
    with desk() as at:
        at.entered(note="Knie links")
        (one,) = at.call("GET", "/appointments?month=2026-11")[1]["appointments"]

        told = {name: one[name] for name in ("version", "state", "place", "seats", "seats_taken", "note", "email")}
        assert told == {
            "version": 1,
            "state": "confirmed",
            "place": "on-site",
            "seats": 1,
            "seats_taken": 1,
            "note": "Knie links",
            "email": None,
        }
        assert one["booked_by"] == at.of.expert


def test_pages_follow_the_cursor() -> None:
    """To the end."""
    with desk() as at, mock.patch("chalicelib.services.attending.agenda.PAGE", 1):
        for number in range(2):
            booked(at.on, at.of, starts_at=MONDAY_10 + number * HOUR, email=f"k{number}@kunden.example")
        first = at.call("GET", "/appointments?month=2026-11")[1]
        second = at.call("GET", f"/appointments?month=2026-11&cursor={first['cursor']}")[1]

        assert [one["starts_at"] for page in (first, second) for one in page["appointments"]] == [
            _text(MONDAY_10),
            _text(MONDAY_10 + HOUR),
        ]
        assert second["cursor"] is None


@pytest.mark.parametrize(
    ("kind", "begins", "media"),
    [
        ("csv", b"\xef\xbb\xbfTermin,Stand", "text/csv; charset=utf-8"),
        ("ics", b"BEGIN:VCALENDAR\r\n", "text/calendar; charset=utf-8"),
        ("xlsx", b"PK", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_list_can_be_taken_along(kind: str, begins: bytes, media: str) -> None:
    """As a file with a name."""
    with desk() as at:
        at.entered()
        answer = at.ask("GET", f"/appointments/export?format={kind}&month=2026-11")

        assert (answer.status_code, answer.headers["Content-Type"]) == (200, media)
        assert answer.body.startswith(begins)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="appointments.{kind}"'


@pytest.mark.parametrize(
    ("kind", "names", "named"),
    [("ics", "", False), ("ics", "&names=true", True), ("csv", "", True), ("csv", "&names=false", False)],
)
def test_calendars_name_nobody_unless_asked(kind: str, names: str, *, named: bool) -> None:
    """They are often shared."""
    with desk() as at:
        at.entered()
        body = at.ask("GET", f"/appointments/export?format={kind}&month=2026-11{names}").body

        assert (b"Keller" in body) is named
        if kind == "ics":
            assert len(Calendar.from_ical(body).walk("VEVENT")) == 1


def test_a_file_that_would_be_too_large_is_refused() -> None:
    """With what to do instead."""
    with desk() as at, mock.patch("chalicelib.api.appointments._agenda_files.MOST_LINES", 0):
        at.entered()
        status, problem = at.call("GET", "/appointments/export?month=2026-11")

        assert (status, "shorter range" in problem["detail"]) == (413, True), problem


@pytest.mark.parametrize("changes", [{"customer": "9" * 32}, {"person": None}, {"sms_wanted": True}])
def test_one_appointment_is_for_one_person(changes: dict[str, Any]) -> None:
    """Known or described, with a number where text messages are wanted."""
    with desk() as at:
        assert at.entered(**changes)[0] == 422


def test_an_appointment_goes_its_way() -> None:
    """Entered, read, moved, noted, cancelled: each with the version of before."""
    with desk() as at:
        status, held = at.entered()
        path = f"/customers/{held['customer']}/appointments/{held['id']}"
        assert (status, held["ignored"], held["version"]) == (201, [], 1)

        read = at.ask("GET", path)
        assert (read.headers["ETag"], json.loads(read.body)["no_shows"]) == ('"1"', 0)
        later = {"starts_at": _text(MONDAY_10 + 5 * DAY), "anyway": True}
        moved = at.call("POST", f"{path}/rescheduling", later, **{"If-Match": '"1"'})
        assert (moved[0], moved[1]["ignored"], moved[1]["version"]) == (200, ["hours"], 2)
        assert at.call("PUT", f"{path}/note", {"text": "x"}, **{"If-Match": '"1"'})[0] == 412
        noted = at.call("PUT", f"{path}/note", {"text": " Knie "}, **{"If-Match": '"2"'})
        assert (noted[0], noted[1]["note"]) == (200, "Knie")
        assert at.call("PUT", f"{path}/no-show", **{"If-Match": '"3"'})[0] == 409
        gone = at.call("POST", f"{path}/cancellation", {}, **{"If-Match": '"3"'})
        assert (gone[0], gone[1]["state"]) == (200, "cancelled")


def test_a_rule_that_is_not_kept_is_named() -> None:
    """And how to go past it."""
    with desk() as at:
        status, problem = at.entered(starts_at=_text(MONDAY_10 + 5 * DAY))

        assert (status, problem["detail"]) == (409, "Not kept: hours. Choose another time, or send anyway: true.")
