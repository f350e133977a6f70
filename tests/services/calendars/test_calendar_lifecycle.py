"""Microsoft says that it reports no longer, unless it is asked to anew; that may come at any time, and twice."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.adapters.calendars.registry import REPORTS
from chalicelib.domain.errors import ThingGoneError
from chalicelib.domain.own_calendars import MICROSOFT, Access, Subscription
from chalicelib.domain.tokens import Token
from chalicelib.records.writing import Transaction
from chalicelib.services.calendars.hearing import Hearing
from chalicelib.services.calendars.reported import keep_reported
from tests.services.calendar_builders import Desk, desk

DAY = timedelta(days=1)
REMOVED, REAUTHORISE = "subscriptionRemoved", "reauthorizationRequired"


@dataclass
class Reported:
    """A link whose changes are reported for six days; what is asked of the provider."""

    at: Desk
    secret: str
    gone: bool = False
    asked: list[str] = field(default_factory=list)

    @property
    def link(self) -> Any:
        """The link as it is stored."""
        (link,) = self.at.links()
        return link

    def says(self, event: str) -> None:
        """A report about the reports comes in."""
        body = json.dumps({"value": [{"clientState": self.secret, "lifecycleEvent": event}]}).encode()
        Hearing(self.at.on.clock).take(REPORTS[MICROSOFT]({}, body))

    def look(self) -> Any:
        """What the next look does about it; the link as it leaves it."""
        link = self.link
        keep_reported(link, self, Access(token="any"), self.at.on.clock.now)
        return link

    def subscribe(self, access: Access, secret: str, until: datetime) -> Subscription:
        """A new one."""
        self.asked.append("subscribe")
        return Subscription("new", until)

    def renew(self, access: Access, subscription: str, until: datetime) -> None:
        """The same for longer, unless it is gone."""
        self.asked.append("renew")
        if self.gone:
            raise ThingGoneError(MICROSOFT, "404")

    def unsubscribe(self, access: Access, subscription: str) -> None:
        """Nothing to do."""


@pytest.fixture(name="reported")
def fixture_reported() -> Iterator[Reported]:
    """Linked half a day ago."""
    with desk() as at:
        at.linked(MICROSOFT)
        (link,) = at.links()
        token = Token.new(link.tenant, link.subject)
        link.digest, link.subscription, link.refused_at = token.digest, "old", None
        link.subscribed_until, link.next_at = at.on.clock.now + 6 * DAY, at.on.clock.now + 10 * DAY
        transaction = Transaction()
        transaction.update(link)
        transaction.commit()
        at.on.clock.now += DAY / 2
        yield Reported(at, token.spell())


@pytest.mark.parametrize("gone", [False, True], ids=["still there", "gone"])
@pytest.mark.parametrize("event", [REMOVED, REAUTHORISE])
def test_who_reports_no_longer_is_asked_anew_at_once(reported: Reported, event: str, gone: bool) -> None:
    """And not days later, when it would have been time for it."""
    reported.gone = gone
    assert reported.look().subscribed_until == reported.at.on.clock.now + 5.5 * DAY

    for _ in range(2):
        reported.says(event)
    assert reported.link.next_at == reported.at.on.clock.now

    after = reported.look()
    assert reported.asked == ["renew", "subscribe"][: 1 + gone]
    assert (after.subscription, after.subscribed_until) == (
        "new" if gone else "old",
        reported.at.on.clock.now + 6 * DAY,
    )


@pytest.mark.parametrize("event", ["missed", "something-new"])
def test_what_was_missed_only_takes_a_look(reported: Reported, event: str) -> None:
    """What is reported goes on as it is."""
    reported.says(event)

    assert reported.link.next_at == reported.at.on.clock.now
    assert reported.look().subscribed_until == reported.at.on.clock.now + 5.5 * DAY
    assert reported.asked == []


def test_a_calendar_that_can_not_be_reached_is_not_looked_at_sooner(reported: Reported) -> None:
    """But asked anew, once it can be reached."""
    link, due = reported.link, reported.link.next_at
    link.failures = 1
    transaction = Transaction()
    transaction.update(link)
    transaction.commit()

    reported.says(REMOVED)

    assert (reported.link.next_at, reported.link.failures) == (due, 1)
    reported.look()
    assert reported.asked == ["renew"]
