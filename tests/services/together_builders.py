"""Appointments in which several experts take part, each of whom is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.records.appointment import Appointment, State
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import NETWORK, Business, link_in
from tests.fakes import MemoryFiles
from tests.services.booking_builders import book, service
from tests.services.colleagues import working
from tests.services.prepared import open_business
from tests.stage import Stage

REGULA, CARO = "regula@praxis-brunner.example", "caro@praxis-brunner.example"
WANTED = "confirmation-wanted"


@contextmanager
def duo() -> Iterator[tuple[Stage, Business, StaffSession]]:
    """A business whose admin is an expert, too, and an expert beside."""
    with open_business() as (on, of):
        vars(on.services)["files"] = MemoryFiles()
        yield on, of, working(on, of)


def asked(on: Stage, of: Business, *experts: str, **changes: Any) -> Appointment:
    """An appointment that waits two hours for all of these experts, of whom the first one is the first expert."""
    what = service(on, of, [*experts], together=len(experts) > 1, **{"confirm_within": 120, **changes})
    return book(on, of, what, expert=experts[0])


def agree(on: Stage, caller: StaffSession, held: Appointment) -> Appointment:
    """By the list of appointments."""
    return on.services.deciding.confirm(caller, held.subject, held.id, network=NETWORK)


def refuse(on: Stage, caller: StaffSession, held: Appointment) -> Appointment:
    """By the list of appointments."""
    return on.services.deciding.decline(caller, held.subject, held.id, network=NETWORK)


def mailed(on: Stage, to: str) -> str:
    """The token of the latest link to decide that somebody was sent."""
    on.pump()
    return next(link_in(mail.text) for mail in reversed(on.mails()) if mail.to == to and "/confirmation#" in mail.text)


def by_link(on: Stage, token: str) -> tuple[State, set[str]]:
    """How it stands once somebody agreed by link, and who has."""
    held = on.services.deciding.confirm_by_link(token, network=NETWORK)
    return held.state, set(held.agreed or ())
