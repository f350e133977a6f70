"""Somebody else's business, service, link or session: of no use to anybody."""

from datetime import timedelta
from typing import Any

import pytest

from infra.local.client import booking
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, MOVED, Stack, instant, kind_of, written

pytestmark = pytest.mark.deployed

UNKNOWN_ID = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b"


def test_nobody_reaches_into_another_business(stack: Stack) -> None:
    """What is somebody else's answers as if it were not there; no session opens two houses."""
    mine, theirs = stack.business(), stack.business()
    terms = stack.client.ask("GET", "/services", wanted=200, headers=theirs.signed_in)["services"][0]
    changed = {name: value for name, value in terms.items() if name not in {"id", "waiting_list", "archived_at"}}
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
    assert seen in [(200, {"appointments": [], "cursor": None})] or seen[0] in (403, 404)
    assert set(statuses.values()) <= {403, 404, 422}, statuses
    after = stack.client.ask("GET", f"/staff/{theirs.expert}/availability", wanted=200, headers=theirs.signed_in)
    assert after == hours


def test_services_and_experts_are_not_mixed(stack: Stack) -> None:
    """A service of one business can't be booked at another, nor with an expert who does not do it."""
    mine, theirs = stack.business(), stack.business()
    start = stack.free(mine)[0]
    asked = {"starts_at": start, "customer": Person().customer()}
    mixed = [
        (mine.tenant, theirs.service, theirs.expert),
        (mine.tenant, mine.service, theirs.expert),
        (theirs.tenant, mine.service, mine.expert),
        (UNKNOWN_ID, mine.service, mine.expert),
        (mine.tenant, UNKNOWN_ID, mine.expert),
        (mine.tenant, mine.service, UNKNOWN_ID),
    ]

    def book(tenant: str, service: str, expert: str) -> tuple[int, str]:
        form = {} if tenant == UNKNOWN_ID else stack.client.form("booking", tenant=tenant, service=service)
        wish = booking(service, expert, **asked)
        return kind_of(stack.call("POST", f"/tenants/{tenant}/appointments", json=wish, headers=form))

    assert [book(*each) for each in mixed] == [(404, "not-found")] * len(mixed)
    wish, form = booking(mine.service, mine.expert, **asked), stack.client.booking_form(theirs)
    answer = stack.call("POST", f"/tenants/{mine.tenant}/appointments", json=wish, headers=form)
    assert kind_of(answer) == (403, "form-refused")


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
    stack.cloud.move_time(minutes=10)
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
        form = stack.client.form("registration") if path == "/registrations" else {}
        answer = stack.call("POST", path, json=body, headers=form)
        return answer.status, answer.text

    assert told("/sign-in-links", {"email": known.email}) == told("/sign-in-links", {"email": unknown.email})
    assert told("/registrations", known.owner(**versions)) == told("/registrations", unknown.owner(**versions))
    stack.mail(known, "Anmeldung", count=2)
    assert stack.mails(unknown, BOOKED) == []
