"""Builders of appointments that wait, of questions and of reservations."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from chalicelib.domain.terms import Answer, Payment, Question
from chalicelib.records.appointment import Appointment
from chalicelib.records.reservation import Reservation
from chalicelib.services.booking.reserving import Pick
from tests.builders import MONDAY_10, NETWORK, VISITOR, Business, terms
from tests.services.paying.paying_builders import with_account
from tests.services.prepared import open_business
from tests.stage import Stage

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def offer(on: Stage, of: Business, **changes: Any) -> None:
    """Lays down other terms for the service of a business, which has an account where it needs one."""
    if changes.get("payment") is Payment.ONLINE:
        with_account(on, of)
    laid = terms(of.expert, **changes)
    on.services.offering.change_service(of.session, of.service.id, laid, version=None, network=NETWORK)


@contextmanager
def confirming_business(minutes: int = 120, **changes: Any) -> Iterator[tuple[Stage, Business]]:
    """A business whose expert confirms each appointment within so many minutes."""
    with open_business() as (on, of):
        offer(on, of, confirm_within=minutes, **changes)
        yield on, of


@contextmanager
def paying_business(**changes: Any) -> Iterator[tuple[Stage, Business]]:
    """A business that is paid online within half an hour."""
    with open_business() as (on, of):
        offer(on, of, price=12_000, payment=Payment.ONLINE, pay_within=30, **changes)
        yield on, of


def pain(**changes: Any) -> Question:
    """A question whose answer is kept for a month."""
    said = {"label": "Where does it hurt?", "purpose": "to prepare the treatment", "keep_days": 30}
    return Question(**{"id": "pain", "answer": Answer.TEXT, **said, **changes})


def pick(of: Business, **changes: Any) -> Pick:
    """A time to be kept."""
    values = {
        "tenant": of.tenant,
        "service": of.service.id,
        "expert": of.expert,
        "starts_at": MONDAY_10,
        "duration": None,
    }
    return Pick(**{**values, **changes})


def reserved(on: Stage, of: Business, **changes: Any) -> Reservation:
    """A reserved time, by a server of the business, which is not counted."""
    return on.services.reserving.reserve(pick(of, **changes), visitor=VISITOR, repeat=None, form=None, by="0" * 32)


def confirm(on: Stage, of: Business, held: Appointment) -> Appointment:
    """Its expert, who is an admin as well, confirms it."""
    return on.services.deciding.confirm(of.session, held.subject, held.id, network=NETWORK)


def decline(on: Stage, of: Business, held: Appointment) -> Appointment:
    """Its expert declines it."""
    return on.services.deciding.decline(of.session, held.subject, held.id, network=NETWORK)
