"""Builders of waiting lists and proposals."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from chalicelib.domain.waiting import Waiting
from chalicelib.records.appointment import Appointment
from chalicelib.records.proposal import Proposal
from chalicelib.records.reading import fetch
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services.booking.proposing import Idea
from chalicelib.services.customers.finding import Person
from chalicelib.services.waiting.listing import Joining
from tests.builders import MONDAY_10, NETWORK, Business, link_to
from tests.fakes import DrivenClock
from tests.services.looking import now_of
from tests.services.prepared import open_business
from tests.stage import Stage

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
ANNA = {"given_name": "Anna", "family_name": "Muster", "email": "anna.muster@kundin.example"}
BEAT = {"given_name": "Beat", "family_name": "Kunz", "email": "beat@kunde.example"}
CLEO = {"given_name": "Cleo", "family_name": "Frei", "email": "cleo@kundin.example"}


@contextmanager
def with_list(clock: DrivenClock | None = None, **changes: Any) -> Iterator[tuple[Stage, Business]]:
    """A business whose service keeps a waiting list: a freed time is offered for two hours."""
    with open_business(clock) as (on, of):
        change_service(of, offer_minutes=120, **changes)
        yield on, of


def change_service(of: Business, **changes: Any) -> None:
    """Gives the service other terms."""
    held = fetch(Service.ref(of.tenant, of.service.id), consistent=True)
    assert held is not None
    for name, value in changes.items():
        setattr(held, name, value)
    transaction = Transaction()
    transaction.update(held)
    transaction.commit()


def person(**changes: Any) -> Person:
    """Somebody; Anna unless told otherwise."""
    return Person(**{**ANNA, "phone": "+41795550123", "language": "de", **changes})


def joining(of: Business, *, who: Person | None = None, sms_wanted: bool = False, **waiting: Any) -> Joining:
    """A wish to wait for any time in November."""
    days = {"first": date(2026, 11, 1), "last": date(2026, 11, 30), "zone": "Europe/Zurich"}
    return Joining(
        tenant=of.tenant,
        service=of.service.id,
        waiting=Waiting(**{**days, **waiting}),
        person=who or person(),
        sms_wanted=sms_wanted,
    )


def join(on: Stage, of: Business, **wish: Any) -> None:
    """Joins; a second passes, so that the order is clear."""
    on.services.waiting_lists.join(joining(of, **wish), form=None, network=NETWORK)
    on.clock.move(seconds=1)


def cancel(on: Stage, held: Appointment) -> None:
    """Cancels by link."""
    token = on.services.linking.self_service(now_of(held))["cancel"]
    on.services.changing.cancel(token, network=NETWORK)


def offers(on: Stage) -> tuple[int, int]:
    """Runs the job: how many were offered, how many are everybody's now."""
    counts = on.services.offering_freed.run()
    return counts.offered, counts.free


def place_links(on: Stage) -> dict[str, str]:
    """The tokens of the latest offer by mail, by what they allow."""
    on.pump()
    return dict(pair.split("=", 1) for pair in link_to(on, "place").split("&"))


def idea(of: Business, **changes: Any) -> Idea:
    """Three times on three days for a new customer."""
    values = {
        "service": of.service.id,
        "expert": of.expert,
        "starts": [MONDAY_10, MONDAY_10 + DAY, MONDAY_10 + 2 * DAY],
        "duration": None,
        "hours": 48,
        "customer": None,
        "person": person(phone=None),
        "note": None,
    }
    return Idea(**{**values, **changes})


def propose(on: Stage, of: Business, **changes: Any) -> Proposal:
    """A proposal."""
    return on.services.proposing.propose(of.session, idea(of, **changes), network=NETWORK, repeat=None)
