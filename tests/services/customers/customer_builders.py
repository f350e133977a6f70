"""People whom staff enter, and how tests look for them."""

from typing import Any

from chalicelib.records.customer import Customer
from chalicelib.services.customers.finding import Person
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import NETWORK, Business
from tests.stage import Stage


def person(**changes: Any) -> Person:
    """Somebody with all that can be known."""
    values = {
        "given_name": "Zoë",
        "family_name": "Müller",
        "email": "zoe@kundin.example",
        "phone": "+41795550777",
        "language": "de",
    }
    return Person(**{**values, **changes})


def nobody(given_name: str, family_name: str, **changes: Any) -> Person:
    """Somebody of whom little more than the name is known."""
    return person(**{"given_name": given_name, "family_name": family_name, "email": None, "phone": None, **changes})


def entered(on: Stage, by: Business | StaffSession, who: Person | None = None, **changes: Any) -> Customer:
    """A customer whom staff entered."""
    session = by.session if isinstance(by, Business) else by
    return on.services.keeping.enter(session, who or person(**changes), network=NETWORK, repeat=None)


def named(on: Stage, by: Business | StaffSession, typed: str) -> list[str]:
    """Who is found by the beginnings of names, as `given family`."""
    session = by.session if isinstance(by, Business) else by
    hits = on.services.customers.by_name(session, typed, network=NETWORK)
    return [f"{each.given_name} {each.family_name}" for each in hits.customers]
