"""What people, programs and attackers send instead of what is documented: refused in one shape, and nothing happens."""

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.api.http.answer import SECURITY_HEADERS
from infra.local import client
from infra.local.client import Business
from infra.local.http_calls import HttpAnswer
from tests.deployed.people import Person, found
from tests.deployed.stack import Stack, instant, kind_of, written

pytestmark = pytest.mark.deployed

JSON = {"Content-Type": "application/json"}
UNKNOWN_ID = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b"


@pytest.fixture(scope="module")
def practice(cloud: Any) -> Business:
    """One business for all who send nonsense; time may move, so its session may be over."""
    return Stack(cloud).business()


def order(stack: Stack, of: Business, **changes: Any) -> dict[str, Any]:
    """A booking that would be accepted but for the changes."""
    good = client.booking(of.service, of.expert, starts_at=stack.free(of)[0], customer=Person().customer())
    return {**good, **changes}


def sent(stack: Stack, of: Business, body: dict[str, Any]) -> HttpAnswer:
    """The answer to a booking that comes in a form of its own."""
    return stack.call("POST", f"/tenants/{of.tenant}/appointments", json=body, headers=stack.client.booking_form(of))


def booking(stack: Stack, of: Business, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """How a booking with this body is refused; that it changed nothing is part of it."""
    before = len(stack.stored("records", kind="Appointment"))
    headers = {**stack.client.booking_form(of), **(headers or JSON)}
    answer = stack.call("POST", f"/tenants/{of.tenant}/appointments", body=body, headers=headers)
    assert len(stack.stored("records", kind="Appointment")) == before
    return kind_of(answer)


UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "half an object": b'{"service": ',
    "two objects": b"{} {}",
    "a key twice": b'{"service": "a", "service": "b"}',
    "not a number": b'{"service": NaN}',
    "a very deep list": b"[" * 60_000,
    "a comment": b"{} // hello",
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_json_is_malformed(stack: Stack, practice: Business, case: str) -> None:
    """Whatever the parser would have thought of it."""
    assert booking(stack, practice, UNREADABLE[case]) == (400, "malformed")


def test_half_a_character_is_malformed(stack: Stack, practice: Business) -> None:
    """In a form that is otherwise as it was handed out."""
    body = json.dumps(order(stack, practice, expert="\ud800")).encode()

    assert booking(stack, practice, body) == (400, "malformed")


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "7", "true"])
def test_json_that_is_no_object_is_refused(stack: Stack, practice: Business, body: str) -> None:
    """None of the form's fields came back."""
    assert booking(stack, practice, body.encode()) == (403, "form-refused")


@pytest.mark.parametrize(("size", "status"), [(65_535, 403), (65_536, 403), (65_537, 413), (3_000_000, 413)])
def test_a_large_body_is_too_large_at_the_byte(stack: Stack, practice: Business, size: int, status: int) -> None:
    """64 KiB are taken."""
    body = b'{"service": "' + b"x" * (size - 15) + b'"}'

    assert len(body) == size
    assert booking(stack, practice, body)[0] == status


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "a number for a text": ({"expert": 7}, "expert"),
    "a text for a truth value": ({"sms_wanted": "true"}, "sms_wanted"),
    "null for a text": ({"starts_at": None}, "starts_at"),
    "a time without a zone": ({"starts_at": "2027-05-03T09:00:00"}, "starts_at"),
    "a time with a space": ({"starts_at": "2027-05-03 09:00:00Z"}, "starts_at"),
    "a time with fractions": ({"starts_at": "2027-05-03T09:00:00.5Z"}, "starts_at"),
    "a time without seconds": ({"starts_at": "2027-05-03T09:00Z"}, "starts_at"),
    "epoch seconds": ({"starts_at": 1_800_000_000}, "starts_at"),
    "the thirty-first of June": ({"starts_at": "2027-06-31T09:00:00Z"}, "starts_at"),
    "a leap second": ({"starts_at": "2027-06-30T23:59:60Z"}, "starts_at"),
    "an offset of a day": ({"starts_at": "2027-05-03T09:00:00+24:00"}, "starts_at"),
    "the end of the calendar": ({"starts_at": "9999-12-31T23:59:59-12:00"}, "starts_at"),
    "digits of another script": ({"starts_at": "２０２７-05-03T09:00:00Z"}, "starts_at"),
    "an id with capitals": ({"expert": UNKNOWN_ID.upper()}, "expert"),
}
ALTERED: dict[str, dict[str, Any]] = {
    "an unknown field": {"price": 1},
    "a list for an object": {"customer": []},
    "a text for an object": {"customer": "Anna"},
    "another service": {"service": UNKNOWN_ID},
    "a number for the service": {"service": 7},
}
CUSTOMERS: dict[str, tuple[dict[str, Any], str]] = {
    "no address": ({"email": "nobody"}, "email"),
    "two addresses": ({"email": "a@b.example, c@d.example"}, "email"),
    "a header in an address": ({"email": "a@b.example\r\nBcc: c@d.example"}, "email"),
    "a national number": ({"phone": "0795550123"}, "phone"),
    "a short number": ({"phone": "+41"}, "phone"),
    "an empty name": ({"given_name": ""}, "given_name"),
    "a name of spaces": ({"given_name": "   "}, "given_name"),
    "a name on two lines": ({"family_name": "A\nB"}, "family_name"),
    "a name without end": ({"family_name": "x" * 101}, "family_name"),
    "a language that we don't speak": ({"language": "xx"}, "language"),
    "a zone that isn't": ({"zone": "Europe/Atlantis"}, "zone"),
    "a zone out of the file system": ({"zone": "../../etc/passwd"}, "zone"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_wrong_value_is_named_and_not_repeated(stack: Stack, practice: Business, case: str) -> None:
    """The answer says which field, and how to mend it."""
    changes, field = CHANGES[case]
    answer = sent(stack, practice, order(stack, practice, **changes))

    assert kind_of(answer)[0] == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert all(one["remedy"] for one in answer.json()["errors"])


@pytest.mark.parametrize("case", ALTERED)
def test_another_form_than_the_one_handed_out_is_refused(stack: Stack, practice: Business, case: str) -> None:
    """Before any of its values is looked at."""
    body = json.dumps(order(stack, practice, **ALTERED[case])).encode()

    assert booking(stack, practice, body) == (403, "form-refused")


@pytest.mark.parametrize("case", CUSTOMERS)
def test_a_wrong_person_is_named_by_field_only(stack: Stack, practice: Business, case: str) -> None:
    """Nothing that was sent about a person comes back."""
    changes, field = CUSTOMERS[case]
    anna = Person()
    answer = sent(stack, practice, order(stack, practice, customer=anna.customer(**changes)))

    assert kind_of(answer)[0] == 422
    assert [one["field"] for one in answer.json()["errors"]] == [f"customer.{field}"]
    assert found({anna.given_name, anna.family_name, anna.email, anna.phone}, answer.text) == []


@pytest.mark.parametrize(("ago", "refused"), [(86_400, (422, "invalid-input")), (100_000_000, (409, "slot-taken"))])
def test_the_past_can_not_be_booked(stack: Stack, practice: Business, ago: int, refused: tuple[int, str]) -> None:
    """Neither yesterday nor what no calendar of ours reaches."""
    past = (stack.cloud.now() - timedelta(seconds=ago)).replace(second=0)
    body = order(stack, practice, starts_at=written(past))

    assert booking(stack, practice, json.dumps(body).encode()) == refused


def test_text_messages_need_a_number(stack: Stack, practice: Business) -> None:
    """Said before anything is booked."""
    body = order(stack, practice, customer=Person().customer(phone=None), sms_wanted=True)

    assert booking(stack, practice, json.dumps(body).encode()) == (422, "invalid-input")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_another_type_of_content_is_not_taken(stack: Stack, practice: Business, kind: str) -> None:
    """A form of another site can't send JSON."""
    body = json.dumps(order(stack, practice)).encode()

    assert booking(stack, practice, body, {"Content-Type": kind}) == (415, "unsupported-type")


@pytest.mark.parametrize("key", ["short", "x" * 129, "with spaces in it", "umläut-in-it".encode().decode("latin-1")])
def test_an_idempotency_key_has_a_form(stack: Stack, practice: Business, key: str) -> None:
    """8 to 128 visible ASCII characters."""
    body = json.dumps(order(stack, practice)).encode()

    assert booking(stack, practice, body, {**JSON, "Idempotency-Key": key}) == (400, "malformed")


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/health"), ("DELETE", "/registrations"), ("GET", "/nowhere"), ("POST", "/health")]
)
def test_another_method_or_path_leads_nowhere(stack: Stack, method: str, path: str) -> None:
    """The gateway itself says so, in the shape of all refusals, as safe as they are: nothing of ours runs."""
    answer = stack.call(method, path, json={})

    assert kind_of(answer) == (404, "not-found")
    assert {name: answer.headers.get(name.lower()) for name in SECURITY_HEADERS} == SECURITY_HEADERS


@pytest.mark.parametrize(
    "query",
    [
        "",
        "expert=somebody&from=2027-05-03T09:00:00Z&to=2027-05-04T09:00:00Z",
        f"expert={UNKNOWN_ID}&from=x&to=y",
        f"expert={UNKNOWN_ID}&from=2027-05-03T09:00:00&to=2027-05-04T09:00:00",
        f"expert={UNKNOWN_ID}&from=2027-05-03T09:00:00Z&to=2027-05-04T09:00:00Z&page=2",
        f"expert={UNKNOWN_ID}&expert={UNKNOWN_ID}&from=2027-05-03T09:00:00Z&to=2027-05-04T09:00:00Z",
        f"expert={UNKNOWN_ID}&from=2027-05-04T09:00:00Z&to=2027-05-04T09:00:00Z",
        f"expert={UNKNOWN_ID}&from=2027-05-04T09:00:01Z&to=2027-07-05T09:00:02Z",
    ],
)
def test_a_query_is_read_strictly(stack: Stack, practice: Business, query: str) -> None:
    """Missing, wrong, unknown, repeated, empty or 62 days and a second long."""
    answer = stack.call("GET", f"/tenants/{practice.tenant}/services/{practice.service}/slots?{query}")

    assert kind_of(answer) == (422, "invalid-input")


def test_a_wall_time_that_is_skipped_names_the_instant_of_its_offset(stack: Stack) -> None:
    """02:30+01:00 on the day the clocks go forward is half past three; the hour itself is never offered."""
    hours = {
        "zone": "Europe/Zurich",
        "weekly": [{"weekday": day, "ranges": [{"start": "00:00", "end": "06:00"}]} for day in range(1, 8)],
    }
    open_at_night = stack.business(hours=hours, duration=30, step=30, buffer_after=0, horizon_days=730)
    night = next_change(stack.cloud.now(), forward=True)
    skipped = f"{night:%Y-%m-%d}T02:30:00"

    both = [stack.client.try_to_book(open_at_night, starts_at=f"{skipped}{offset}") for offset in ("+01:00", "+02:00")]

    assert [answer.status for answer in both] == [201, 201]
    assert [answer.json()["starts_at"][11:] for answer in both] == ["01:30:00Z", "00:30:00Z"]
    frm = night.replace(hour=0)
    shown = [
        instant(one).astimezone(night.tzinfo).strftime("%H:%M")
        for one in stack.client.slots(
            open_at_night, frm=frm.astimezone(ZoneInfo("UTC")), to=frm.astimezone(ZoneInfo("UTC")) + timedelta(hours=6)
        )
    ]
    assert not any(one.startswith("02:") for one in shown)
    assert "03:30" not in shown


def next_change(after: datetime, *, forward: bool) -> datetime:
    """The local midnight of the next day, three days on or later, whose clocks are changed."""
    day = after.astimezone(ZoneInfo("Europe/Zurich")).replace(hour=0, minute=0, second=0, microsecond=0)
    day += timedelta(days=3)
    while True:
        gained = day.utcoffset() - (day + timedelta(days=1)).utcoffset()  # type: ignore[operator]
        if gained and (gained < timedelta(0)) == forward:
            return day
        day += timedelta(days=1)
