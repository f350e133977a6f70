"""A customer's own appointment at the API: what is shown, and the calendar file."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from chalice.test import Client
from icalendar import Calendar

from app import app
from chalicelib import wiring
from tests.builders import MONDAY_10, booked
from tests.services.offer_builders import change_service
from tests.services.prepared import open_business


@contextmanager
def asked(**terms: Any) -> Iterator[Any]:
    """A function that asks with one of the appointment's links."""
    with (
        open_business() as (on, of),
        Client(app) as client,
        mock.patch.object(wiring, "services", return_value=on.services),
    ):
        change_service(of, **terms)
        links = on.services.linking.self_service(booked(on, of))
        yield lambda name, path: client.http.get(f"/v1/appointment{path}", headers={"Zusage-Link": links[name]})


def test_it_is_shown_with_names_place_and_rules() -> None:
    """No further call is needed to show it."""
    with asked(cancel_until=60, price=9000) as ask:
        shown = json.loads(ask("view", "").body)

        assert (shown["service_name"], shown["expert_name"]) == ("Erstgespräch", "Regula Brunner")
        assert (shown["business"], shown["state"], shown["lapses_at"]) == ("Praxis Brunner", "confirmed", None)
        assert shown["where"] == {
            "place": "on-site",
            "address": "Seestrasse 12, 8002 Zürich",
            "phone": "",
            "ours": False,
            "link": "",
        }
        assert (shown["cancel_until"], shown["move_until"]) == ("2026-11-09T08:00:00Z", "2026-11-09T09:00:00Z")
        assert (shown["price"], shown["currency"], shown["refund"]) == (9000, "CHF", None)


def test_the_calendar_file_is_a_download() -> None:
    """Of the type that calendars know; nothing keeps it on the way."""
    with asked() as ask:
        answer = ask("calendar", "/calendar-file")

        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="appointment.ics"'
        assert answer.headers["Cache-Control"] == "no-store"
        (event,) = Calendar.from_ical(answer.body).walk("VEVENT")
        assert event.decoded("DTSTART") == MONDAY_10


def test_a_link_for_something_else_is_refused() -> None:
    """With a problem that says so."""
    with asked() as ask:
        for name, path in (("view", "/calendar-file"), ("calendar", "")):
            answer = ask(name, path)
            assert (answer.status_code, json.loads(answer.body)["type"]) == (403, "urn:zusage:problem:link-invalid")
