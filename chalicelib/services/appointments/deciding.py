"""Appointments that wait for their experts are confirmed or declined: by staff, or by the links that experts are sent.

All who take part have to agree, in whatever order; who declines does so for all. An admin who confirms as such, and not
by a link of their own, speaks for everybody, as admins do wherever experts have a say.

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
from chalicelib.services.booking.pending import DECLINED, awaited, tell_expert
from chalicelib.services.door.door import Door, experts_of
from chalicelib.services.linking import Linking
from chalicelib.services.outbox import notify_customer
from chalicelib.services.sign_in.sessions import StaffSession


@dataclass(frozen=True, kw_only=True)
class _Decision:
    """Who decides about which appointment: a member of staff, or who holds the link made for `holder` and `version`.

    A link that names no holder was for the first expert.
    """

    ref: Ref[Appointment]
    network: str
    caller: StaffSession | None = None
    version: int | None = None
    holder: str = ""

    def who(self, held: Appointment) -> str:
        """Whose decision it is."""
        return self.caller.staff if self.caller else self.holder or held.expert

    def check(self, held: Appointment) -> None:
        """Whether they may, and it still is what they were asked about."""
        takes_part = self.who(held) in experts_of(held)
        if self.caller is not None and not (takes_part or self._is_admin):
            raise NotAllowedError("Ask an expert of the appointment, or an admin.")
        if self.caller is None and not (takes_part and self.version in _asked_about(held)):
            raise LinkUsedError("It was decided, or changed, since: look it up in the list of appointments.")

    def agree(self, held: Appointment) -> bool:
        """Notes that they agree, if they take part; whether nobody else has to."""
        held.agreed = {*(held.agreed or ()), self.who(held)}.intersection(experts_of(held)) or None
        return self._is_admin or not awaited(held)

    def entry(self, held: Appointment, action: Action, at: datetime) -> LedgerEntry:
        """What the ledger says of it."""
        return entry(held, action, at, actor=self.who(held), network=self.network)

    @property
    def _is_admin(self) -> bool:
        return self.caller is not None and ADMIN in self.caller.roles


@dataclass(frozen=True)
class Deciding:
    """What experts and admins decide about what waits for them. RestrictedError while the customer's data is."""

    clock: Clock
    linking: Linking

    def confirm(self, caller: StaffSession, customer: str, appointment: str, *, network: str) -> Appointment:
        """Agrees; once all have, it holds for good. SlotTakenError when it has lapsed and its time is taken."""
        decision = _by_staff(caller, customer, appointment, network)
        return persist(lambda: self._confirm(decision))

    def decline(self, caller: StaffSession, customer: str, appointment: str, *, network: str) -> Appointment:
        """Gives its time back, and what was paid; the customer is told, and so are the others who were asked."""
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
        return _Decision(ref=ref, network=network, version=link.version, holder=link.holder)

    def _confirm(self, decision: _Decision) -> Appointment:
        now, held = self._now(), _held(decision)
        if held.state is State.CONFIRMED:
            return held
        door, found = _opened(held, now)
        _check_confirmable(held, door.service(held.service), now)
        transaction, before, action = Transaction(), set(held.agreed or ()), Action.APPOINTMENT_AGREED
        if decision.agree(held):
            confirmed(transaction, door, held, found, now=now)
            door.write(transaction)
            action = Action.APPOINTMENT_CONFIRMED
        elif held.agreed == before:
            return held
        transaction.update(held)
        transaction.create(decision.entry(held, action, now))
        transaction.commit()
        return held

    def _decline(self, decision: _Decision) -> Appointment:
        now, held = self._now(), _held(decision)
        if held.state is State.DECLINED:
            return held
        if not held.state.waits:
            raise ConflictError("Only what waits can be declined. Cancel it instead, if it is confirmed.")
        door, found = _opened(held, now, ends=True)
        transaction, asked = Transaction(), experts_of(held) if held.state is State.PENDING else ()
        end(transaction, door, held, found, State.DECLINED, now=now)
        notify_customer(transaction, held, "appointment-declined", now=now)
        for expert in (each for each in asked if each != decision.who(held)):
            tell_expert(transaction, held, expert, DECLINED, useless_at=held.ends_at, now=now)
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


def _opened(held: Appointment, now: datetime, *, ends: bool = False) -> tuple[Door, Found]:
    """All that a decision touches; a business that can't change anything decides nothing either."""
    tenant_ref = Tenant.ref(held.tenant)
    door, found = read(held, [tenant_ref], ends=ends, now=now)
    if not found.need(tenant_ref, what="business").tenancy.is_open(now):
        raise ReadOnlyError("Choose a plan to go on; until everything is deleted you can read and export it.")
    return door, found


def _check_confirmable(held: Appointment, service: Service | None, now: datetime) -> None:
    if held.state not in {State.PENDING, State.LAPSED}:
        unpaid = held.state is State.UNPAID
        raise ConflictError("It has to be paid first." if unpaid else "It has ended: book it anew.")
    if held.starts_at <= now:
        raise ConflictError(BEGUN)
    if held.state is State.LAPSED and held.paid_at is not None:
        raise ConflictError("What was paid goes back: book it anew.")
    due = service is not None and service.payment is Payment.ONLINE and held.price
    if due and held.paid_at is None:
        raise ConflictError("It was not paid in time: book it anew.")
