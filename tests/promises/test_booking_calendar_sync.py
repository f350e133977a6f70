"""booking, `calendar-sync`: an expert's own calendar shows as busy time and as nothing else, and unlinking ends it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from infra.local import http_calls
from infra.local.client import Business
from infra.local.providers.caldav import PASSWORD
from tests.deployed.people import KNOWN, Person
from tests.deployed.stack import Stack, instant, until

pytestmark = [pytest.mark.deployed, pytest.mark.promise("calendar-sync")]

MICROSOFT, GOOGLE, CALDAV = "microsoft-graph", "google-calendar", "caldav"
ALL = (MICROSOFT, GOOGLE, CALDAV)
HOUR = timedelta(hours=1)
FORGED: dict[str, Any] = {
    MICROSOFT: {"json": {"value": [{"subscriptionId": "1", "clientState": "made-up", "changeType": "updated"}]}},
    GOOGLE: {"headers": {"X-Goog-Channel-Token": "made-up", "X-Goog-Resource-State": "exists"}},
}


@dataclass(frozen=True)
class Expert:
    """An expert with an account at a provider, in which things stand that are nobody's business."""

    stack: Stack
    of: Business
    calendar: str
    account: str

    def holds(self, *starts: datetime, **orders: Any) -> tuple[str, ...]:
        """What stands in it from now on, each for an hour; the words in it that must never come in."""
        secret = {"title": f"Kardiologie {self.account}", "body": f"Befund {self.account}"}
        guest = f"geheim-{self.account}@privat.example"
        entries = [
            {**secret, "guests": [guest], "start": each.isoformat(), "end": (each + HOUR).isoformat()}
            for each in starts
        ]
        self.stack.inbox.calendar(self.calendar, account=self.account, entries=entries, **orders)
        words = (*secret.values(), guest)
        KNOWN.update(words)
        return words

    def ask(self, method: str, path: str, wanted: int, json: Any = None) -> Any:
        """A call of the expert's."""
        how = {"json": json} if json is not None else {}
        return self.stack.client.ask(method, path, wanted=wanted, headers=self.of.signed_in, **how)

    def link(self) -> str:
        """As people do: agree at the provider, and come back; or name a server and its password."""
        if self.calendar == CALDAV:
            given = {"address": f"{self.stack.inbox.url}/caldav/", "user": self.account, "password": PASSWORD}
            return str(self.ask("POST", "/calendars/caldav", 201, given)["id"])
        page = urlsplit(f"{self.ask('POST', f'/calendars/{self.calendar}', 200)['address']}&login_hint={self.account}")
        answer = http_calls.call(int(page.port or 0), "GET", f"{page.path}?{page.query}", host=page.netloc)
        back = urlsplit(answer.headers["location"])
        assert back.path.endswith("/calendar")
        return str(self.ask("POST", "/calendars/callback", 201, dict(parse_qsl(back.query)))["id"])

    def linked(self) -> str:
        """And the first look is over."""
        link = self.link()
        self.sync()
        (shown,) = self.ask("GET", "/calendars", 200)["calendars"]
        assert (shown["state"], shown["trouble"]) == ("working", None)
        return link

    def sync(self) -> Any:
        """What happens every minute."""
        return self.stack.cloud.invoke("Sync")

    def there(self) -> dict[str, Any]:
        """What we made in the account."""
        return self.stack.inbox.calendars(self.calendar, self.account)

    def events(self) -> list[Any]:
        """What stands in our calendar there."""
        (made,) = self.there()["calendars"]
        return [each for each in made["events"] if each.get("status") != "cancelled"]


@pytest.fixture(name="expert", params=ALL)
def fixture_expert(request: pytest.FixtureRequest, stack: Stack) -> Expert:
    """With an account at each kind of provider in turn."""
    return Expert(stack, stack.business(), request.param, Person().mark)


def test_a_linked_calendar_shows_as_busy_and_as_nothing_else(expert: Expert) -> None:
    """What stands in it can't be booked over; appointments stand there, too; and no word of it is kept anywhere."""
    stack, anna = expert.stack, Person()
    free = stack.free(expert.of)
    words = expert.holds(instant(free[0]))

    expert.linked()

    left = stack.free(expert.of)
    assert free[0] not in left
    assert left
    taken = stack.client.try_to_book(expert.of, starts_at=free[0], **Person().customer())
    assert (taken.status, taken.json()["type"].rpartition(":")[2]) == (409, "slot-taken")
    stack.book(expert.of, anna, starts_at=left[-1])
    expert.sync()
    (event,) = expert.events()
    assert not [word for word in (anna.given_name, anna.family_name, anna.email, anna.phone) if word in str(event)]
    stored = str(expert.stack.everything_stored())
    assert [word for word in words if word in stored] == []


def test_unlinking_leaves_nothing(expert: Expert) -> None:
    """Neither here, at once and in whatever form, nor at the provider."""
    stack = expert.stack
    free = stack.free(expert.of)
    expert.holds(instant(free[0]))
    link = expert.linked()
    assert free[0] not in stack.free(expert.of)

    expert.ask("DELETE", f"/calendars/{link}", 204)

    assert stack.free(expert.of) == free
    expert.sync()
    until(lambda: expert.there()["calendars"] == [], "our calendar there is gone")
    assert expert.there()["subscriptions"] == 0
    kept = [item for item in stack.everything_stored() if link in str(item) and item.get("kind") != "LedgerEntry"]
    outside = [item for item in stack.stored("records", kind="DaySheet") if bytes.fromhex(link) in _raw(item)]
    assert (kept, outside) == ([], [])


def _raw(item: dict[str, Any]) -> bytes:
    held = item.get("outside") or b""
    return bytes(getattr(held, "value", held))


@pytest.mark.parametrize("calendar", [MICROSOFT, GOOGLE])
def test_a_change_that_is_reported_shows_at_once(stack: Stack, calendar: str) -> None:
    """The provider says that something has changed, and what it is comes by a look that nobody had to wait for."""
    expert = Expert(stack, stack.business(), calendar, Person().mark)
    free = stack.free(expert.of)
    expert.linked()
    assert expert.there()["subscriptions"] == 1
    expert.holds(instant(free[0]))
    expert.sync()
    assert free[0] in stack.free(expert.of)

    expert.holds(instant(free[0]), notify=True)
    expert.sync()

    assert free[0] not in stack.free(expert.of)
    answer = stack.call("POST", f"/webhooks/{calendar}", **FORGED[calendar])
    assert (answer.status, answer.json()["type"].rpartition(":")[2]) == (403, "signature-invalid")


@pytest.mark.parametrize("calendar", ALL)
def test_what_stands_far_ahead_shows_where_one_can_book_that_early(stack: Stack, calendar: str) -> None:
    """It comes with the first look."""
    expert = Expert(stack, stack.business(horizon_days=730), calendar, Person().mark)
    free = stack.free(expert.of, days=700)
    expert.holds(instant(free[0]))

    expert.linked()

    left = stack.free(expert.of, days=700)
    assert free[0] not in left
    assert left


def test_a_calendar_that_shuts_us_out_is_said_to_its_owner_once(stack: Stack) -> None:
    """And is not knocked at again."""
    owner = Person()
    expert = Expert(stack, stack.business(owner), CALDAV, Person().mark)
    expert.linked()
    expert.holds(revoke=True)
    (link,) = expert.ask("GET", "/calendars", 200)["calendars"]
    expert.ask("POST", f"/calendars/{link['id']}/sync", 200)
    for _ in range(2):
        expert.sync()

    (shown,) = expert.ask("GET", "/calendars", 200)["calendars"]
    assert shown["state"] == "broken"
    stack.mail(owner, "lässt uns nicht mehr hinein")
    assert len(stack.mails(owner, "lässt uns nicht mehr hinein")) == 1


def test_times_to_subscribe_to_name_nobody(stack: Stack) -> None:
    """Under an address that nobody guesses, and that its owner ends."""
    anna, practice = Person(), stack.business()
    booked = stack.book(practice, anna)
    made = stack.client.ask("POST", "/calendars/feed", wanted=201, json={"services": False}, headers=practice.signed_in)
    path = made["address"].partition("/v1")[2]

    feed = stack.call("GET", path)
    again = stack.call("GET", path, headers={"If-None-Match": feed.headers["etag"]})
    stack.client.ask("DELETE", "/calendars/feed", wanted=204, headers=practice.signed_in)

    assert (feed.status, again.status, stack.call("GET", path).status) == (200, 304, 404)
    assert f"DTSTART:{instant(booked['starts_at']):%Y%m%dT%H%M%SZ}" in feed.text
    assert feed.headers["cache-control"].startswith("private")
    assert not [word for word in (anna.given_name, anna.family_name, anna.email) if word in feed.text]
