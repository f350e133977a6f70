"""Customers see, cancel and move their appointment by link. A link is bound to the appointment as it stood."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked as Excepted
from chalicelib.domain.asking import Ground
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, LinkUsedError, NotFoundError
from chalicelib.domain.links import Link, LinkPurpose
from chalicelib.domain.refunds import latest
from chalicelib.domain.wall_time import MINUTE
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer
from chalicelib.records.exceptions import fetch_excepted
from chalicelib.records.reading import Found, Ref, fetch
from chalicelib.records.service import Service
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.booking._beginning import begin_anew, tell_moved
from chalicelib.services.booking._bookable import check_ahead, check_asked, check_open, entry
from chalicelib.services.booking.answering import move_along, refs_of
from chalicelib.services.customers.finding import Finding
from chalicelib.services.door.choosing import Asked, Choosing
from chalicelib.services.door.door import Door
from chalicelib.services.door.sheets import likely_days
from chalicelib.services.linking import Linking
from chalicelib.services.offering.offering import Offering
from chalicelib.services.outbox import notify_customer, take_back, unsent_of
from chalicelib.services.paying.notes import note_moved, note_refund, payment_of
from chalicelib.services.ports import PublicHolidays, Vault


@dataclass(frozen=True)
class Changing:
    """What a customer does with an appointment they hold a link to."""

    vault: Vault
    clock: Clock
    linking: Linking
    offering: Offering
    holidays: PublicHolidays
    finding: Finding

    def slots(self, token: str, *, frm: datetime, to: datetime, network: str) -> list[datetime]:
        """The times to which the appointment could be moved; none once it is too late for that by link."""
        link = self.linking.read(token, LinkPurpose.RESCHEDULE)
        held, now = self._read(link, network), self._now()
        _check_current(held, link, now)
        service = fetch(Service.ref(held.tenant, held.service))
        if service is not None and now > latest(held.starts_at, int(service.move_until)):
            return []
        return self.offering.slots_for_move(
            held.tenant,
            held.service,
            held.expert,
            frm=frm,
            to=to,
            appointment=held.id,
            duration=_length(held, service) if service else None,
            others=frozenset(held.others or ()),
        )

    def cancel(self, token: str, *, network: str) -> Appointment:
        """Cancels: frees the time, takes back what was not sent, tells the customer. LinkUsedError the second time."""
        link = self.linking.read(token, LinkPurpose.CANCEL)
        return persist(lambda: self._cancel(link, network=network))

    def move(self, token: str, starts_at: datetime, *, network: str) -> Appointment:
        """Moves to another free time, through the same door as booking. The old links end with it."""
        link = self.linking.read(token, LinkPurpose.RESCHEDULE)
        check_asked(starts_at, now=self.clock())
        return persist(lambda: self._move(link, starts_at, network=network))

    def _cancel(self, link: Link, *, network: str) -> Appointment:
        now = self._now()
        appointment = self._read(link, network)
        _check_current(appointment, link, now)
        door = Door(appointment.tenant, now=now)
        found = _related(door, appointment)
        service = door.service(appointment.service)
        if service is not None:
            self._check_in_time(found, appointment, int(service.cancel_until), now)
        transaction = Transaction()
        door.leave(appointment, service)
        note_refund(transaction, appointment, found, service, now=now)
        supersede(transaction, appointment, found, now)
        appointment.state, appointment.lapses_at, appointment.unsent = State.CANCELLED, None, None
        notify_customer(transaction, appointment, "appointment-cancelled", now=now)
        door.write(transaction)
        transaction.update(appointment)
        transaction.create(entry(appointment, Action.APPOINTMENT_CANCELLED, at=now, network=network))
        transaction.commit()
        return appointment

    def _move(self, link: Link, starts_at: datetime, *, network: str) -> Appointment:
        now = self._now()
        appointment = self._read(link, network)
        _check_current(appointment, link, now)
        if starts_at == appointment.starts_at:
            raise ConflictError("Choose a time other than the present one.", field="starts_at")
        customer_ref = Customer.ref(appointment.tenant, appointment.subject)
        door = Door(appointment.tenant, now=now)
        door.want_premises()
        door.want_days(appointment.calendars, likely_days(starts_at))
        found = _related(door, appointment, customer_ref, *refs_of(appointment))
        check_open(found, appointment.tenant, now=now)
        service = door.service(appointment.service)
        if service is None:
            raise NotFoundError("The business does not offer this any more.")
        self._check_in_time(found, appointment, int(service.move_until), now)
        check_ahead(starts_at, now=now)
        transaction = Transaction()
        self._put(transaction, door, appointment, service, starts_at)
        supersede(transaction, appointment, found, now)
        asked = _asked(link, network)
        self._extend(transaction, self._person(customer_ref, asked, found.get(customer_ref)), appointment, asked)
        move_along(transaction, appointment, found)
        note_moved(transaction, appointment, found)
        tell_moved(transaction, door, appointment, service, now=now)
        door.write(transaction)
        transaction.update(appointment)
        transaction.create(entry(appointment, Action.APPOINTMENT_MOVED, at=now, network=network))
        transaction.commit()
        return appointment

    def _put(
        self, transaction: Transaction, door: Door, appointment: Appointment, service: Service, starts_at: datetime
    ) -> None:
        """Puts it at another time with the same experts, in the same rooms if they are free then."""
        asked = Asked(
            service=service,
            expert=appointment.expert,
            others=frozenset(appointment.others or ()),
            starts_at=starts_at,
            duration=_length(appointment, service),
        )
        choosing, rooms = Choosing(door, self.holidays, self._now()), appointment.resources or ()
        choosing.want(asked)
        door.leave(appointment, service)
        choosing.choose(asked, prefer=rooms).put(appointment)
        begin_anew(appointment, service, now=self._now())
        door.enter(appointment, service)

    def _read(self, link: Link, network: str) -> Appointment:
        """What somebody does with a link of their own they wish for: a restriction they had asked for allows it."""
        ref = Appointment.ref(link.tenant, link.subject, link.thing)
        appointment = fetch_excepted(ref, _asked(link, network))
        if appointment is None:
            raise NotFoundError("This appointment does not exist any more.")
        return appointment

    def _person(self, ref: Ref[Customer], asked: Excepted, seen: Customer | None = None) -> Customer | None:
        """Whose appointment it is; where they had the processing restricted, their wish to move it allows this, too."""
        customer = seen or fetch(ref, consistent=True)
        restricted = customer is not None and customer.restricted_since is not None
        return fetch_excepted(ref, asked) if restricted else customer

    def _extend(
        self, transaction: Transaction, customer: Customer | None, appointment: Appointment, asked: Excepted
    ) -> None:
        """A customer lives as long as their last appointment asks for; so does who they turned out to be."""
        while customer is not None and appointment.ends_at > customer.last_appointment_at:
            self.finding.of(customer).stay_until(transaction, appointment.ends_at)
            into = customer.merged_into
            customer = self._person(Customer.ref(appointment.tenant, into), asked) if into else None

    def _check_in_time(self, found: Found, appointment: Appointment, minutes: int, now: datetime) -> None:
        """ConflictError once it is too late by the rules of the service: only the business can help then."""
        if now <= latest(appointment.starts_at, minutes):
            return
        business = found.need(Tenant.ref(appointment.tenant), what="business")
        self.vault.preload(appointment.tenant, [business.subject])
        raise ConflictError(f"It is too late for that here: ask {business.contact_mail} or {business.contact_phone}.")

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _related(door: Door, appointment: Appointment, *more: Ref[Any]) -> Found:
    """What belongs to the appointment, and `more`, in one round trip."""
    door.want(appointment)
    door.want_list(appointment)
    found = door.fetch([Tenant.ref(appointment.tenant), *unsent_of(appointment), *payment_of(appointment), *more])
    for ref in payment_of(appointment):
        payment = found.get(ref)
        if payment is not None:
            payment.asked = appointment.asked
    return found


def supersede(transaction: Transaction, appointment: Appointment, found: Found, now: datetime) -> None:
    """What every change does: a new sequence, which ends the links and reminders of the one before."""
    waiting = (found.get(ref) for ref in unsent_of(appointment))
    take_back(transaction, (each for each in waiting if each is not None))
    appointment.sequence = int(appointment.sequence) + 1
    appointment.changed_at = now


def _length(appointment: Appointment, service: Service) -> int:
    """The length that was booked, in minutes, if it can still be chosen; otherwise the usual one."""
    booked = (appointment.ends_at - appointment.starts_at) // MINUTE
    return booked if booked in service.durations else int(service.duration)


def _asked(link: Link, network: str) -> Excepted:
    """Whoever uses a link of their own consents to what it does."""
    return Excepted(ground=Ground.SUBJECT_CONSENT, actor=link.subject, network=network)


def _check_current(appointment: Appointment, link: Link, now: datetime) -> None:
    over = appointment.state.waits and appointment.lapses_at is not None and appointment.lapses_at <= now
    if over or not appointment.state.holds_time:
        raise LinkUsedError("The appointment has ended already. Book a new one.")
    if int(appointment.sequence) != link.version:
        raise LinkUsedError("The appointment was changed since: use the link in the latest message.")
