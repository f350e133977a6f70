"""Times to subscribe to under a secret address, and reports that a calendar has changed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import icalendar
import pytest

from chalicelib.domain.errors import NotFoundError, SignatureInvalidError
from chalicelib.domain.own_calendars import GOOGLE, Report
from chalicelib.domain.tokens import Token
from chalicelib.records.calendar_link import LinkState
from chalicelib.records.writing import Transaction
from chalicelib.services.calendars.hearing import Hearing
from tests.builders import MONDAY_10, NETWORK, booked, later
from tests.services.calendar_builders import Desk, desk, raw_items


@pytest.fixture(name="at")
def fixture_at() -> Iterator[Desk]:
    """A fresh desk."""
    with desk() as fresh:
        yield fresh


def make(at: Desk, *, services: bool = False) -> str:
    """The token of a new address."""
    return at.on.services.feeds.make(at.of.session, names_services=services, network=NETWORK)


@pytest.mark.parametrize(("services", "summary"), [(False, "Belegt"), (True, "Erstgespräch")])
def test_a_feed_says_when_and_no_more_than_was_wanted(at: Desk, services: bool, summary: str) -> None:
    """Never a customer; and the same times are the same bytes."""
    held = booked(at.on, at.of)
    content = at.on.services.feeds.serve(token := make(at, services=services))
    calendar = icalendar.Calendar.from_ical(content)

    event: Any
    (event,) = calendar.walk("VEVENT")
    assert (event["SUMMARY"], event["DTSTART"].dt, event["DTEND"].dt) == (summary, MONDAY_10, later(MONDAY_10, hours=1))
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in content
    assert not [word for word in (b"Anna", b"Muster", b"kundin", held.id.encode()) if word in content]
    at.on.clock.move(minutes=5)
    assert at.on.services.feeds.serve(token) == content


def test_there_is_one_address_at_most_and_none_at_first(at: Desk) -> None:
    """Making one ends the one before; what is stored leads to none."""
    assert at.on.services.feeds.held(at.of.session) is None
    first, second = make(at), make(at)

    assert b"VCALENDAR" in at.on.services.feeds.serve(second)
    assert second.encode() not in b"\n".join(raw_items())
    at.on.services.feeds.end(at.of.session, network=NETWORK)
    for gone in (first, second, "made-up", Token.new("0" * 32, "1" * 32).spell()):
        with pytest.raises(NotFoundError):
            at.on.services.feeds.serve(gone)


@pytest.fixture(name="reported")
def fixture_reported(at: Desk) -> tuple[Desk, str]:
    """A link whose changes are reported, and the secret of that."""
    link, token = at.linked(GOOGLE), Token.new(at.of.tenant, at.of.expert)
    (held,) = at.links()
    held.subscription, held.digest, held.next_at = "number", token.digest, link.next_at + timedelta(hours=1)
    transaction = Transaction()
    transaction.update(held)
    transaction.commit()
    return at, token.spell()


def test_a_report_brings_the_next_look_forward(reported: tuple[Desk, str]) -> None:
    """However often it comes."""
    at, secret = reported

    for _ in range(2):
        Hearing(at.on.clock).take([Report(secret="made-up"), Report(secret=secret)])

    assert at.links()[0].next_at == at.on.clock.now


def test_without_the_secret_nothing_is_brought_forward(reported: tuple[Desk, str]) -> None:
    """Nor with another of the same person."""
    at, _ = reported
    before = at.links()[0].next_at

    for wrong in ([], ["made-up"], [Token.new(at.of.tenant, at.of.expert).spell()]):
        with pytest.raises(SignatureInvalidError):
            Hearing(at.on.clock).take(Report(secret=each) for each in wrong)
    assert at.links()[0].next_at == before


@pytest.mark.parametrize("standing", ["broken", "failing"])
def test_who_is_not_to_be_asked_now_is_not_asked_for_a_report(reported: tuple[Desk, str], standing: str) -> None:
    """What is broken stays so, and a provider that asked us to wait is not asked earlier."""
    at, secret = reported
    (held,) = at.links()
    held.state = LinkState.BROKEN if standing == "broken" else held.state
    held.failures = 1 if standing == "failing" else 0
    transaction = Transaction()
    transaction.update(held)
    transaction.commit()

    Hearing(at.on.clock).take([Report(secret=secret)])

    assert at.links()[0].next_at == held.next_at
