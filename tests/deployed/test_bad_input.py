"""What people, programs and attackers send instead of what is documented: refused in one shape, and nothing happens."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from infra.local.client import Business
from tests.deployed.people import Person, found
from tests.deployed.stack import BOOKED, MOVED, Stack, instant, kind_of, written

pytestmark = pytest.mark.deployed

JSON = {"Content-Type": "application/json"}
UNKNOWN_ID = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b"


@pytest.fixture(scope="module")
def practice(cloud: Any) -> Business:
    """One business for all who send nonsense; time may move, so its session may be over."""
    return Stack(cloud).business()


def order(stack: Stack, of: Business, **changes: Any) -> dict[str, Any]:
    """A booking that would be accepted but for the changes."""
    good = {"service": of.service, "expert": of.expert, "starts_at": stack.free(of)[0], "customer": Person().customer()}
    return {**good, **changes}


def booking(stack: Stack, of: Business, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """How a booking with this body is refused; that it changed nothing is part of it."""
    before = len(stack.stored("records", kind="Appointment"))
    answer = stack.call("POST", f"/tenants/{of.tenant}/appointments", body=body, headers=headers or JSON)
    assert len(stack.stored("records", kind="Appointment")) == before
    return kind_of(answer)


UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "half an object": b'{"service": ',
    "two objects": b"{} {}",
    "a key twice": b'{"service": "a", "service": "b"}',
    "not a number": b'{"service": NaN}',
    "half a character": b'{"service": "\\ud800"}',
    "a very deep list": b"[" * 60_000,
    "a comment": b"{} // hello",
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_json_is_malformed(stack: Stack, practice: Business, case: str) -> None:
    """Whatever the parser would have thought of it."""
    assert booking(stack, practice, UNREADABLE[case]) == (400, "malformed")


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "7", "true"])
def test_json_that_is_no_object_is_refused(stack: Stack, practice: Business, body: str) -> None:
    """With the same shape as a field that is wrong."""
    assert booking(stack, practice, body.encode()) == (422, "invalid-input")


@pytest.mark.parametrize(("size", "status"), [(65_535, 422), (65_536, 422), (65_537, 413), (3_000_000, 413)])
def test_a_large_body_is_too_large_at_the_byte(stack: Stack, practice: Business, size: int, status: int) -> None:
    """64 KiB are taken."""
    body = b'{"service": "' + b"x" * (size - 15) + b'"}'

    assert len(body) == size
    assert booking(stack, practice, body)[0] == status


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": ({"price": 1}, "price"),
    "a number for a text": ({"service": 7}, "service"),
    "a text for a truth value": ({"sms_wanted": "true"}, "sms_wanted"),
    "null for a text": ({"expert": None}, "expert"),
    "a list for an object": ({"customer": []}, "customer"),
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
    "an id with capitals": ({"service": UNKNOWN_ID.upper()}, "service"),
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
    body = order(stack, practice, **changes)

    answer = stack.call("POST", f"/tenants/{practice.tenant}/appointments", json=body)

    assert kind_of(answer)[0] == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert all(one["remedy"] for one in answer.json()["errors"])


@pytest.mark.parametrize("case", CUSTOMERS)
def test_a_wrong_person_is_named_by_field_only(stack: Stack, practice: Business, case: str) -> None:
    """Nothing that was sent about a person comes back."""
    changes, field = CUSTOMERS[case]
    anna = Person()
    body = order(stack, practice, customer=anna.customer(**changes))

    answer = stack.call("POST", f"/tenants/{practice.tenant}/appointments", json=body)

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
    """The gateway itself says so, in the shape of all refusals: nothing of ours runs."""
    assert kind_of(stack.call(method, path, json={})) == (404, "not-found")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "from=2027-05-03T09:00:00Z&to=2027-05-04T09:00:00Z",
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


Refused = Callable[[Stack, Business, Business], tuple[int, str]]


def test_nobody_reaches_into_another_business(stack: Stack) -> None:
    """What is somebody else's answers as if it were not there; no session opens two houses."""
    mine, theirs = stack.business(), stack.business()
    terms = stack.client.ask("GET", "/services", wanted=200, headers=theirs.signed_in)["services"][0]
    changed = {name: value for name, value in terms.items() if name != "id"}
    hours = stack.client.ask("GET", f"/staff/{theirs.expert}/availability", wanted=200, headers=theirs.signed_in)
    now = stack.cloud.now()
    day = f"from={written(now)}&to={written(now + timedelta(days=1))}"
    tries: dict[str, tuple[str, str, Any]] = {
        "change their service": ("PUT", f"/services/{theirs.service}", changed),
        "offer their expert": ("POST", "/services", changed),
        "read their hours": ("GET", f"/staff/{theirs.expert}/availability", None),
        "set their hours": ("PUT", f"/staff/{theirs.expert}/availability", hours),
        "read their appointments": ("GET", f"/appointments?expert={theirs.expert}&{day}", None),
    }

    answers = {name: stack.call(m, p, json=body, headers=mine.signed_in) for name, (m, p, body) in tries.items()}

    statuses = {name: answer.status for name, answer in answers.items()}
    seen = statuses.pop("read their appointments"), answers["read their appointments"].json()
    assert seen in [(200, {"appointments": []})] or seen[0] in (403, 404)
    assert set(statuses.values()) <= {403, 404, 422}, statuses
    after = stack.client.ask("GET", f"/staff/{theirs.expert}/availability", wanted=200, headers=theirs.signed_in)
    assert after == hours


def test_services_and_experts_are_not_mixed(stack: Stack) -> None:
    """A service of one business can't be booked at another, nor with an expert who does not do it."""
    mine, theirs = stack.business(), stack.business()
    start = stack.free(mine)[0]
    body = {"starts_at": start, "customer": Person().customer()}
    mixed = [
        (mine.tenant, theirs.service, theirs.expert),
        (mine.tenant, mine.service, theirs.expert),
        (theirs.tenant, mine.service, mine.expert),
        (UNKNOWN_ID, mine.service, mine.expert),
        (mine.tenant, UNKNOWN_ID, mine.expert),
        (mine.tenant, mine.service, UNKNOWN_ID),
    ]

    refused = [
        kind_of(stack.call("POST", f"/tenants/{tenant}/appointments", json={**body, "service": s, "expert": e}))
        for tenant, s, e in mixed
    ]

    assert refused == [(404, "not-found")] * len(mixed)


def test_a_link_opens_one_thing_for_one_purpose(stack: Stack) -> None:
    """Not another's, not for something else, not spoiled, not after the change, not after the appointment."""
    anna, practice = Person(), stack.business()
    booked = stack.book(practice, anna)
    links = stack.links(anna)
    token = links["cancel"]["Zusage-Link"]
    other = stack.free(practice)[-1]

    def cancel(link: str) -> tuple[int, str]:
        return kind_of(stack.call("POST", "/appointment/cancellation", headers={"Zusage-Link": link}))

    assert cancel(links["reschedule"]["Zusage-Link"]) == (403, "link-invalid")
    spoiled = [token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :] for i in (0, 5, 30, 60, 80, 90)]
    assert {cancel(each) for each in (*spoiled, token[:-4], token + "AAAA", "x", "x" * 4000)} == {(403, "link-invalid")}
    assert kind_of(stack.call("POST", "/appointment/cancellation")) == (403, "link-invalid")
    wrong = stack.call("POST", "/appointment/rescheduling", json={"starts_at": other}, headers=links["cancel"])
    assert kind_of(wrong) == (403, "link-invalid")

    moved = stack.client.ask(
        "POST", "/appointment/rescheduling", wanted=200, json={"starts_at": other}, headers=links["reschedule"]
    )
    assert cancel(token) == (410, "link-used")
    assert stack.call("GET", "/appointment", headers=links["cancel"]).json()["starts_at"] == other
    late = stack.links(anna, MOVED)["cancel"]["Zusage-Link"]
    stack.cloud.move_time(to=instant(moved["starts_at"]) + timedelta(seconds=1))
    assert cancel(late) == (410, "link-expired")
    assert len(stack.stored("records", kind="Appointment", state="confirmed", sk=f"APPOINTMENT#{booked['id']}")) == 1


def test_a_link_of_staff_works_once_and_for_a_while(stack: Stack) -> None:
    """The one that confirms does not sign in, and none of them works twice or late."""
    owner = Person()
    stack.business(owner)

    def ask_for_link(count: int) -> str:
        stack.client.ask("POST", "/sign-in-links", wanted=202, json={"email": owner.email})
        return str(stack.mail(owner, "Anmeldung", count=count)["text"].partition("/sign-in#")[2].split()[0])

    def sign_in(token: str) -> int:
        return stack.call("POST", "/sessions", json={"token": token}).status

    confirmation = str(stack.mail(owner, "bestätigen")["text"].partition("/confirm#")[2].split()[0])
    assert stack.call("POST", "/registrations/confirmation", json={"token": confirmation}).status == 410
    assert sign_in(confirmation) == 403
    first = ask_for_link(1)
    assert [sign_in(first), sign_in(first)] == [201, 410]
    late = ask_for_link(2)
    stack.cloud.move_time(minutes=15)
    assert sign_in(late) == 410


def test_a_session_ends(stack: Stack) -> None:
    """By signing out at once, by eight hours without use, and none opens with a made-up token."""
    ended, unused = stack.business(), stack.business()
    broken = ["", "Bearer", "Bearer x", f"Basic {ended.token}", f"Bearer {ended.token}x", f"Bearer {ended.token} x"]

    refused = [kind_of(stack.call("GET", "/session", headers={"Authorization": each})) for each in broken]
    assert refused == [(401, "not-signed-in")] * len(broken)
    assert stack.call("DELETE", "/session", headers=ended.signed_in).status == 204
    assert stack.call("GET", "/session", headers=ended.signed_in).status == 401
    stack.cloud.move_time(hours=7, minutes=54)
    assert stack.call("GET", "/session", headers=unused.signed_in).status == 200
    stack.cloud.move_time(hours=8)
    assert stack.call("GET", "/session", headers=unused.signed_in).status == 401


def test_nobody_learns_who_has_an_account(stack: Stack) -> None:
    """The answers for a known and an unknown address are the same, but for the id of the request."""
    known, unknown = Person(), Person()
    stack.business(known)
    versions = stack.client.ask("GET", "/registrations", wanted=200)

    def told(path: str, body: dict[str, Any]) -> tuple[int, str]:
        answer = stack.call("POST", path, json=body)
        return answer.status, answer.text

    assert told("/sign-in-links", {"email": known.email}) == told("/sign-in-links", {"email": unknown.email})
    assert told("/registrations", known.owner(**versions)) == told("/registrations", unknown.owner(**versions))
    stack.mail(known, "Anmeldung", count=2)
    assert stack.mails(unknown, BOOKED) == []
