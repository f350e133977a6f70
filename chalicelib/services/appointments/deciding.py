"""Appointments that wait for their expert are confirmed or declined: by staff, or by the link that experts are sent.

What has lapsed is honoured late as long as its time is free; nobody loses a time that was given to them meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    ConflictError,
    LinkUsedError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
)
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.roles import ADMIN
from chalicelib.domain.terms import Payment
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Found, Ref, fetch
from chalicelib.records.service import Service
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.appointments.settling import BEGUN, confirmed, end, entry, read
from chalicelib.services.door.door import Door, experts_of
from chalicelib.services.linking import Linking
from chalicelib.services.outbox import notify_customer
from chalicelib.services.sign_in.sessions import StaffSession


@dataclass(frozen=True, kw_only=True)
class _Decision:
    """Who decides about which appointment: a member of staff, or whoever holds the link made for `version`."""

    ref: Ref[Appointment]
    network: str
    caller: StaffSession | None = None
    version: int | None = None

    def check(self, held: Appointment) -> None:
        """Whether they may, and it still is what they were asked about."""
        caller = self.caller
        if caller is not None and ADMIN not in caller.roles and caller.staff not in experts_of(held):
            raise NotAllowedError("Ask the expert of the appointment, or an admin.")
        if caller is None and self.version not in _asked_about(held):
            raise LinkUsedError("It was decided, or changed, since: look it up in the list of appointments.")

    def entry(self, held: Appointment, action: Action, at: datetime) -> LedgerEntry:
        """What the ledger says of it."""
        return entry(held, action, at, actor=self.caller.staff if self.caller else held.expert, network=self.network)


@dataclass(frozen=True)
class Deciding:
    """What experts and admins decide about what waits for them. RestrictedError while the customer's data is."""

    clock: Clock
    linking: Linking

    def confirm(self, caller: StaffSession, customer: str, appointment: str, *, network: str) -> Appointment:
        """Confirms it for good. SlotTakenError when it has lapsed and its time is taken."""
        decision = _by_staff(caller, customer, appointment, network)
        return persist(lambda: self._confirm(decision))

    def decline(self, caller: StaffSession, customer: str, appointment: str, *, network: str) -> Appointment:
        """Gives its time back, and what was paid; the customer is told."""
        decision = _by_staff(caller, customer, appointment, network)
        return persist(lambda: self._decline(decision))

    def confirm_by_link(self, token: str, *, network: str) -> Appointment:
        """The same by the link that its expert was sent."""
        decision = self._by_link(token, network)
        return persist(lambda: self._confirm(decision))

    def decline_by_link(self, token: str, *, network: str) -> Appointment:
        """The same by the link that its expert was sent."""
        decision = self._by_link(token, network)
        return persist(lambda: self._decline(decision))

    def _by_link(self, token: str, network: str) -> _Decision:
        link = self.linking.read(token, LinkPurpose.DECIDE)
        ref = Appointment.ref(link.tenant, link.subject, link.thing)
        return _Decision(ref=ref, network=network, version=link.version)

    def _confirm(self, decision: _Decision) -> Appointment:
        now, held = self._now(), _held(decision)
        if held.state is State.CONFIRMED:
            return held
        door, found = _opened(held, now)
        service = door.service(held.service)
        _check_confirmable(held, service, now)
        transaction = Transaction()
        confirmed(transaction, door, held, found, now=now)
        door.write(transaction)
        transaction.update(held)
        transaction.create(decision.entry(held, Action.APPOINTMENT_CONFIRMED, now))
        transaction.commit()
        return held

    def _decline(self, decision: _Decision) -> Appointment:
        now, held = self._now(), _held(decision)
        if held.state is State.DECLINED:
            return held
        if not held.state.waits:
            raise ConflictError("Only what waits can be declined. Cancel it instead, if it is confirmed.")
        door, found = _opened(held, now)
        transaction = Transaction()
        end(transaction, door, held, found, State.DECLINED, now=now)
        notify_customer(transaction, held, "appointment-declined", now=now)
        door.write(transaction)
        transaction.update(held)
        transaction.create(decision.entry(held, Action.APPOINTMENT_DECLINED, now))
        transaction.commit()
        return held

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _by_staff(caller: StaffSession, customer: str, appointment: str, network: str) -> _Decision:
    return _Decision(ref=Appointment.ref(caller.tenant, customer, appointment), network=network, caller=caller)


def _held(decision: _Decision) -> Appointment:
    """The appointment, if whoever decides may."""
    held = fetch(decision.ref, consistent=True)
    if held is None:
        raise NotFoundError("There is no such appointment.")
    decision.check(held)
    return held


def _asked_about(held: Appointment) -> set[int]:
    """The versions that a link may have been made for: as it stands, or stood right before it lapsed."""
    now = int(held.sequence)
    return {now, now - 1} if held.state is State.LAPSED else {now}


def _opened(held: Appointment, now: datetime) -> tuple[Door, Found]:
    """All that a decision touches; a business that can't change anything decides nothing either."""
    tenant_ref = Tenant.ref(held.tenant)
    door, found = read(held, [tenant_ref], now=now)
    if not found.need(tenant_ref, what="business").tenancy.is_open(now):
        raise ReadOnlyError("Choose a plan to go on; until everything is deleted you can read and export it.")
    return door, found


def _check_confirmable(held: Appointment, service: Service | None, now: datetime) -> None:
    if held.state not in {State.PENDING, State.LAPSED}:
        unpaid = held.state is State.UNPAID
        raise ConflictError("It has to be paid first." if unpaid else "It has ended: book it anew.")
    if held.starts_at <= now:
        raise ConflictError(BEGUN)
    due = service is not None and service.payment is Payment.ONLINE and held.price
    if due and held.paid_at is None:
        raise ConflictError("It was not paid in time: book it anew.")
