"""What staff do with appointments, said shortly."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.roles import EXPERT
from chalicelib.domain.terms import Terms
from chalicelib.records.appointment import Appointment
from chalicelib.records.premises import Resource
from chalicelib.services.attending.changing import Change
from chalicelib.services.attending.entering import Wanted
from chalicelib.services.attending.held import Entered, Task
from chalicelib.services.customers.finding import Person
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import MONDAY_10, NETWORK, Business, terms
from tests.records.record_builders import store
from tests.services.colleagues import working
from tests.services.prepared import open_business
from tests.stage import Stage

ROOMS = ("d" * 31 + "1", "d" * 31 + "2")
BERTA = Person(
    given_name="Berta", family_name="Keller", email="berta@kundin.example", phone="+41795550199", language="de"
)


@contextmanager
def practice(**changes: Any) -> Iterator[tuple[Stage, Business]]:
    """A business whose service has other terms, if any are named."""
    with open_business() as (on, of):
        if "resources" in changes:
            rooms(of)
        if changes:
            offer(on, of, terms(of.expert, **changes))
        yield on, of


def offer(on: Stage, of: Business, wanted: Terms) -> None:
    """Puts the service on other terms."""
    on.services.offering.change_service(of.session, of.service.id, wanted, version=None, network=NETWORK)


def rooms(of: Business) -> None:
    """Two rooms."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    refs = [Resource.ref(of.tenant, each) for each in ROOMS]
    store(*(Resource(ref.pk, ref.sk, name=f"Raum {number}", created_at=at) for number, ref in enumerate(refs, 1)))


def colleague(on: Stage, of: Business) -> StaffSession:
    """Somebody else who does the service at the usual hours; an expert only."""
    return replace(working(on, of), roles=frozenset({EXPERT}))


def enter(on: Stage, of: Business, **changes: Any) -> Entered:
    """An appointment for Berta, Monday at ten."""
    caller, repeat = changes.pop("caller", of.session), changes.pop("repeat", None)
    values: dict[str, Any] = {
        "customer": None,
        "person": BERTA,
        "zone": "Europe/Zurich",
        "sms_wanted": False,
        "address": None,
        "note": None,
        "service": of.service.id,
        "expert": of.expert,
        "starts_at": MONDAY_10,
        "duration": None,
        "resources": None,
        "answers": {},
        "anyway": False,
        "quiet": False,
    }
    wanted = Wanted(**{**values, **changes})
    return on.services.attending_entering.enter(caller, wanted, network=NETWORK, repeat=repeat)


def task(of: Business, held: Appointment, **changes: Any) -> Task:
    """Something that staff do with an appointment."""
    values = {"caller": of.session, "customer": held.subject, "appointment": held.id, "network": NETWORK}
    return Task(**{**values, **changes})


def move(on: Stage, of: Business, held: Appointment, **changes: Any) -> Entered:
    """Moves it."""
    about = {name: changes.pop(name) for name in ("caller", "version") if name in changes}
    return on.services.attending_changes.move(task(of, held, **about), Change(**changes))


def cancel(on: Stage, of: Business, held: Appointment, *, quiet: bool = False, **changes: Any) -> Appointment:
    """Cancels it."""
    return on.services.attending_changes.cancel(task(of, held, **changes), quiet=quiet)
