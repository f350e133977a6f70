"""The appointment that staff are about to change, and the entry that says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, NotFoundError, RestrictedError, VersionMismatchError
from chalicelib.domain.roles import ADMIN
from chalicelib.records.appointment import Appointment
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, fetch
from chalicelib.services.attending.agenda import standing
from chalicelib.services.attending.bending import Rule
from chalicelib.services.door.door import experts_of
from chalicelib.services.sign_in.sessions import StaffSession


@dataclass(frozen=True, kw_only=True)
class Task:
    """Which appointment, by whom, from where. `version` is the one that they saw, None to overwrite."""

    caller: StaffSession
    customer: str
    appointment: str
    version: int | None = None
    network: str

    @property
    def ref(self) -> Ref[Appointment]:
        """Where it lies."""
        return Appointment.ref(self.caller.tenant, self.customer, self.appointment)

    def held(self) -> Appointment:
        """The appointment as it is now, if the caller may change it in the version that they saw."""
        held = self.check_may(fetch(self.ref, consistent=True))
        if held.restricted_since is not None:
            raise RestrictedError("Have the restriction lifted first, or ask the customer to use their link.")
        if self.version is not None and self.version != int(held.version or 0):
            raise VersionMismatchError("Read the appointment anew, then change it.")
        return held

    def check_may(self, held: Appointment | None) -> Appointment:
        """The appointment, if it is the caller's business: experts have those in which they take part, admins all."""
        if held is None or (ADMIN not in self.caller.roles and self.caller.staff not in experts_of(held)):
            raise NotFoundError("There is no such appointment.")
        return held

    def entry(self, held: Appointment, action: Action, at: datetime) -> LedgerEntry:
        """What the ledger says of it."""
        return entry(self.caller, held, action, at, self.network)


@dataclass(frozen=True)
class Entered:
    """An appointment as it stands now, and past which rules it went."""

    appointment: Appointment
    ignored: Sequence[Rule] = ()


def check_ahead(held: Appointment, now: datetime) -> None:
    """ConflictError for what has begun, or takes place no more."""
    if not standing(held, now).holds_time:
        raise ConflictError("It is cancelled, declined or lapsed: enter a new appointment.")
    if held.starts_at <= now:
        raise ConflictError("It has begun: note a no-show instead, or enter a new appointment.")


def entry(caller: StaffSession, held: Appointment, action: Action, at: datetime, network: str) -> LedgerEntry:
    """What the ledger says of what staff did; with the start, from which the lists follow that it stood in."""
    return LedgerEntry.of(
        held.tenant,
        action,
        at=at,
        actor=caller.staff,
        about=held.subject,
        thing=held.id,
        network=network,
        counts={"starts_at": int(held.starts_at.timestamp())},
    )
