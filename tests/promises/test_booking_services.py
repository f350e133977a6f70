"""booking, `services-staff-customers`: services are kept with all their terms: made, found, changed, put away."""

from typing import Any

import pytest

from tests.deployed.people import Person
from tests.deployed.stack import Stack, kind_of

pytestmark = [pytest.mark.deployed, pytest.mark.promise("services-staff-customers")]

TERMS: dict[str, Any] = {
    "name": "Rückenmassage",
    "description": "Mit Öl oder ohne.",
    "duration": 50,
    "durations": [25, 50],
    "step": 25,
    "buffer_before": 5,
    "buffer_after": 10,
    "notice": 120,
    "horizon_days": 60,
    "bookable_until": "2099-12-31",
    "seats": 1,
    "place": "on-site",
    "price": 12000,
    "currency": "CHF",
    "payment": "on-site",
    "caps": [{"each": "week", "count": 20, "minutes": None}],
    "questions": [
        {
            "id": "allergies",
            "label": "Haben Sie Allergien?",
            "answer": "text",
            "purpose": "Wahl des Öls",
            "keep_days": 7,
            "required": False,
            "options": [],
            "when": None,
        }
    ],
    "cancel_until": 1440,
    "move_until": 1440,
    "occurrences": 6,
}


def test_a_service_is_made_found_changed_and_put_away(stack: Stack) -> None:
    """Every step leads to the next version; what is archived is offered to nobody, and comes back as it was."""
    practice = stack.business(Person())
    signed_in, path = practice.signed_in, f"/tenants/{practice.tenant}"
    sent = {**TERMS, "experts": [practice.expert]}

    made = stack.call("POST", "/services", json=sent, headers=signed_in)
    service = made.json()["id"]
    changed = stack.call(
        "PUT",
        f"/services/{service}",
        json={**sent, "price": 13000},
        headers={**signed_in, "If-Match": made.headers["etag"]},
    )
    late = stack.call("PUT", f"/services/{service}", json=sent, headers={**signed_in, "If-Match": made.headers["etag"]})
    found = stack.call("GET", "/services?name=massage", headers=signed_in).json()["services"]
    (shown,) = [each for each in stack.call("GET", path).json()["services"] if each["id"] == service]
    stack.call("POST", f"/services/{service}/archive", headers=signed_in)
    put_away = [stack.call("GET", f"/services?archived={kind}", headers=signed_in).json() for kind in ("true", "false")]
    hidden = stack.call("GET", path).json()["services"]
    gone = stack.call("GET", f"{path}/services/{service}/slots/first")
    back = stack.call("DELETE", f"/services/{service}/archive", headers=signed_in)

    assert made.status == 201
    assert {name: made.json()[name] for name in sent} == sent
    assert (changed.status, changed.json()["price"]) == (200, 13000)
    assert kind_of(late) == (412, "changed")
    assert found == [changed.json()]
    assert (shown["price"], shown["questions"], "buffer_after" in shown) == (13000, TERMS["questions"], False)
    assert [service in {each["id"] for each in one["services"]} for one in put_away] == [True, False]
    assert service not in {each["id"] for each in hidden}
    assert kind_of(gone) == (404, "not-found")
    assert {**back.json(), "archived_at": None} == changed.json()


def test_terms_that_make_no_sense_are_refused(stack: Stack) -> None:
    """With the field that has to be mended, and nothing is stored."""
    practice = stack.business()
    refused: dict[str, dict[str, Any]] = {
        "durations": {"durations": [25]},
        "price": {"payment": "online", "price": None},
        "experts": {"experts": ["f" * 32]},
        "together": {"together": True},
        "meeting_link": {"place": "video", "meeting_link": "http://video.example/"},
        "buffer_after": {"buffer_after": -1},
    }

    for field, changes in refused.items():
        terms = {**TERMS, "experts": [practice.expert], **changes}
        answer = stack.call("POST", "/services", json=terms, headers=practice.signed_in)
        assert (answer.status, field in answer.text) == (422, True), field

    held = stack.call("GET", "/services", headers=practice.signed_in).json()["services"]
    assert [each["id"] for each in held] == [practice.service]
