"""Customers see, cancel and move their appointment by link. A link is bound to the appointment as it stood."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import starmap
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, LinkUsedError, NotFoundError
from chalicelib.domain.links import Link, LinkPurpose
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.availability import Availability
from chalicelib.records.customer import Customer, CustomerAddress
from chalicelib.records.exceptions import fetch_excepted
from chalicelib.records.reading import Found, Ref, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.booking import check_asked, check_open, check_start, complete, entry, place
from chalicelib.services.linking import Linking
from chalicelib.services.offering import Offering
from chalicelib.services.outbox import notify_customer, remind, take_back, unsent_of
from chalicelib.services.ports import Vault
from chalicelib.services.sheets import Sheets, claim_of, likely_days


@dataclass(frozen=True)
class Changing:
    """What a customer does with an appointment they hold a link to."""

    vault: Vault
    clock: Clock
    linking: Linking
    offering: Offering

    def show(self, token: str, *, network: str) -> Appointment:
        """The appointment as it stands, whichever of its links is shown; an older link still shows it."""
        link = self.linking.read(token, LinkPurpose.CANCEL, LinkPurpose.RESCHEDULE)
        return self._read(link, network)

    def slots(self, token: str, *, frm: datetime, to: datetime, network: str) -> list[datetime]:
        """The times to which the appointment could be moved."""
        link = self.linking.read(token, LinkPurpose.RESCHEDULE)
        held = self._read(link, network)
        _check_current(held, link)
        return self.offering.slots_for_move(held.tenant, held.service, held.expert, frm=frm, to=to, appointment=held.id)

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
        now = self.clock().replace(microsecond=0)
        appointment = self._read(link, network)
        _check_current(appointment, link)
        sheets, found = self._related(appointment, set(), [])
        transaction = Transaction()
        sheets.release(claim_of(appointment))
        sheets.write(transaction)
        supersede(transaction, appointment, found, now)
        appointment.state, appointment.unsent = State.CANCELLED, None
        notify_customer(transaction, appointment, "appointment-cancelled", now=now)
        transaction.update(appointment)
        transaction.create(entry(appointment, Action.APPOINTMENT_CANCELLED, at=now, network=network))
        transaction.commit()
        return appointment

    def _move(self, link: Link, starts_at: datetime, *, network: str) -> Appointment:
        now = self.clock().replace(microsecond=0)
        appointment = self._read(link, network)
        _check_current(appointment, link)
        if starts_at == appointment.starts_at:
            raise ConflictError("Choose a time other than the present one.", field="starts_at")
        service_ref = Service.ref(appointment.tenant, appointment.service)
        hours_ref = Availability.ref(appointment.tenant, appointment.expert)
        customer_ref = Customer.ref(appointment.tenant, appointment.subject)
        refs: list[Ref[Any]] = [Tenant.ref(appointment.tenant), service_ref, hours_ref, customer_ref]
        sheets, found = self._related(appointment, likely_days(starts_at), refs)
        check_open(found, appointment.tenant, now=now)
        service, hours = found.need(service_ref, what="service"), found.need(hours_ref, what="availability")
        complete(sheets, service, appointment.expert, starts_at)
        check_start(service, hours, sheets, starts_at=starts_at, now=now, moving=appointment.id)
        transaction = Transaction()
        transaction.require(hours)
        sheets.release(claim_of(appointment))
        place(appointment, service, starts_at)
        sheets.occupy(claim_of(appointment))
        sheets.write(transaction)
        supersede(transaction, appointment, found, now)
        self._extend(transaction, self._customer(found, customer_ref, link, network), appointment)
        remind(transaction, appointment, lead_minutes=int(service.reminder_minutes), zone=hours.expert_zone, now=now)
        notify_customer(transaction, appointment, "appointment-rescheduled", now=now)
        transaction.update(appointment)
        transaction.create(entry(appointment, Action.APPOINTMENT_MOVED, at=now, network=network))
        transaction.commit()
        return appointment

    def _read(self, link: Link, network: str) -> Appointment:
        """What somebody does with a link of their own they wish for: a restriction they had asked for allows it."""
        ref = Appointment.ref(link.tenant, link.subject, link.thing)
        appointment = fetch_excepted(ref, _asked(link, network))
        if appointment is None:
            raise NotFoundError("This appointment does not exist any more.")
        return appointment

    def _customer(self, found: Found, ref: Ref[Customer], link: Link, network: str) -> Customer | None:
        """Whose appointment it is; where they had the processing restricted, their wish to move it allows this, too."""
        customer = found.get(ref)
        restricted = customer is not None and customer.restricted_since is not None
        return fetch_excepted(ref, _asked(link, network)) if restricted else customer

    def _related(self, appointment: Appointment, days: set[date], more: list[Ref[Any]]) -> tuple[Sheets, Found]:
        """The sheets of the appointment and of `days`, its unsent reminders and `more`, in one round trip."""
        sheets = Sheets(appointment.tenant, now=self.clock())
        wanted = {(calendar, day) for calendar in appointment.calendars for day in days}
        wanted |= sheets.missing(claim_of(appointment))
        found = fetch_all([*starmap(sheets.ref, wanted), *unsent_of(appointment), *more], consistent=True)
        sheets.take(wanted, found)
        return sheets, found

    def _extend(self, transaction: Transaction, customer: Customer | None, appointment: Appointment) -> None:
        """A customer lives as long as their last appointment asks for."""
        if customer is None or appointment.ends_at <= customer.last_appointment_at:
            return
        address = fetch(CustomerAddress.ref(appointment.tenant, customer.email_index), consistent=True)
        for record in (customer, address):
            if record is not None:
                record.last_appointment_at = appointment.ends_at
                transaction.update(record)


def supersede(transaction: Transaction, appointment: Appointment, found: Found, now: datetime) -> None:
    """What every change does: a new sequence, which ends the links and reminders of the one before."""
    waiting = (found.get(ref) for ref in unsent_of(appointment))
    take_back(transaction, (each for each in waiting if each is not None))
    appointment.sequence = int(appointment.sequence) + 1
    appointment.changed_at = now


def _asked(link: Link, network: str) -> Asked:
    """Whoever uses a link of their own consents to what it does."""
    return Asked(ground=Ground.SUBJECT_CONSENT, actor=link.subject, network=network)


def _check_current(appointment: Appointment, link: Link) -> None:
    if appointment.state is State.CANCELLED:
        raise LinkUsedError("The appointment is cancelled already. Book a new one.")
    if int(appointment.sequence) != link.version:
        raise LinkUsedError("The appointment was changed since: use the link in the latest message.")
