"""What all ways of booking and changing share: what is refused before anything is read, and what the ledger says."""

from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, NotFoundError, ReadOnlyError, SlotTakenError
from chalicelib.records.appointment import Appointment
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Found
from chalicelib.records.service import Service
from chalicelib.records.tenant import Tenant
from chalicelib.services.door.offers import FARTHEST

CLOSED = "Please turn to the business itself: at present it can't be booked online."


def check_asked(starts_at: datetime, *, now: datetime) -> None:
    """Refuses what nobody can ever offer, before anything is read for it."""
    if starts_at.second or starts_at.microsecond or abs(starts_at - now) > FARTHEST:
        raise SlotTakenError("Choose one of the times that are offered.", field="starts_at")


def check_ahead(starts_at: datetime, *, now: datetime) -> None:
    """InvalidInputError for what is past."""
    if starts_at <= now:
        raise InvalidInputError("Choose a time in the future.", field="starts_at")


def check_open(found: Found, tenant: str, *, now: datetime) -> None:
    """ReadOnlyError while nothing of the business may be changed, NotFoundError once it has ended."""
    if not found.need(Tenant.ref(tenant), what="business").tenancy.is_open(now):
        raise ReadOnlyError(CLOSED)


def offered(service: Service | None) -> Service:
    """The service, unless it is gone or no longer offered."""
    if service is None or service.archived_at is not None:
        raise NotFoundError("There is no such service.")
    return service


def entry(appointment: Appointment, action: Action, *, at: datetime, network: str, by: str = "") -> LedgerEntry:
    """What the ledger says of a customer's doing; with the start, from which the lists follow that it stood in.

    `by` is the key of the server that did it for them.
    """
    who = appointment.subject
    counts = {"starts_at": int(appointment.starts_at.timestamp())}
    return LedgerEntry.of(
        appointment.tenant,
        action,
        at=at,
        actor=by or who,
        about=who,
        thing=appointment.id,
        network=network,
        counts=counts,
    )
