"""Waiting lists and proposals in the hands of tests."""

from typing import Any

from infra.local.client import Business
from tests.deployed.people import Person
from tests.deployed.stack import Stack

JOINED, FREE, PROPOSED = "Warteliste", "Ein Platz ist frei", "Terminvorschläge"


def join(stack: Stack, of: Business, who: Person, **wishes: Any) -> Any:
    """Joins for any time of the next weeks."""
    now = stack.cloud.now().date()
    wish = {
        "service": of.service,
        "expert": None,
        "first_day": f"{now}",
        "last_day": f"{now.replace(year=now.year + 1, day=1)}",
        "weekdays": [],
        "earliest": "00:00",
        "latest": "24:00",
        "sms_wanted": False,
        "customer": who.customer(),
        **wishes,
    }
    form = stack.client.form("waiting", tenant=of.tenant, service=of.service)
    return stack.call("POST", f"/tenants/{of.tenant}/waiting-list", json=wish, headers=form)


def propose(stack: Stack, of: Business, who: Person, starts: list[str]) -> Any:
    """Times that are free, for somebody who is no customer yet."""
    person = {name: getattr(who, name) for name in ("given_name", "family_name", "email")}
    wish = {"service": of.service, "starts": starts, "person": person, "message": "Bitte nüchtern kommen."}
    return stack.client.ask("POST", "/proposals", wanted=201, json=wish, headers=of.signed_in)
