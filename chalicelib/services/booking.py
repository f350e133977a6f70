"""Booking: day sheet, appointment, outbox and ledger in one transaction, so that a time is never given twice.

At most three round trips in sequence: what the request names; the customer, if known; the transaction. Who loses a
race reads again, sees the overlap and is told so. The same door is used for moving.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import starmap

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    KeyDestroyedError,
    NotFoundError,
    ReadOnlyError,
    RestrictedError,
    SlotTakenError,
)
from chalicelib.domain.ids import new_id
from chalicelib.domain.slots import blocked, is_start
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.availability import Availability
from chalicelib.records.customer import Customer, CustomerAddress
from chalicelib.records.keys import SubjectKey
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Found, Ref, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.forms import FormUse
from chalicelib.services.offering import FARTHEST, busy_of, offer_of
from chalicelib.services.outbox import notify_customer, remind
from chalicelib.services.people import new_person
from chalicelib.services.ports import Vault
from chalicelib.services.repeating import Outcome, Repeatable
from chalicelib.services.sheets import Claim, Sheets, claim_of, likely_days

CUSTOMER_ADDRESS = "customer-address"
CLOSED = "Please turn to the business itself: at present it can't be booked online."
NOT_ONLINE = "Please ask the business for an appointment: with this address it can't be booked online."


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a customer asks for. Address and number are normalised already; `starts_at` is aware."""

    tenant: str
    service: str
    expert: str
    starts_at: datetime
    given_name: str
    family_name: str
    email: str
    phone: str | None
    language: str
    zone: str
    sms_wanted: bool


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What was read for one attempt."""

    service: Service
    availability: Availability
    address: CustomerAddress | None
    sheets: Sheets


@dataclass(frozen=True)
class Booking:
    """Books appointments."""

    vault: Vault
    clock: Clock

    def book(
        self, wish: Wish, *, network: str, repeat: Repeatable | None, form: FormUse | None = None, by: str = ""
    ) -> Appointment:
        """The appointment. SlotTakenError when the time is not free, TryAgainError when too many book at once.

        ConflictError for a person whose data may be stored but not used, ReadOnlyError for a business that is closing.
        `by` is the key of a server that books for a customer, who else does it with a `form`.
        """
        if wish.sms_wanted and wish.phone is None:
            raise InvalidInputError("Give a phone number, or do without text messages.", field="customer.phone")
        check_asked(wish.starts_at, now=self.clock())
        try:
            return persist(lambda: self._attempt(wish, form, network=network, repeat=repeat, by=by))
        except RestrictedError:
            # Who books may be anybody who knows the address: what stands in the way is the person's own business.
            raise ConflictError(NOT_ONLINE) from None

    def _attempt(
        self, wish: Wish, form: FormUse | None, *, network: str, repeat: Repeatable | None, by: str
    ) -> Appointment:
        now = self.clock().replace(microsecond=0)
        found, sheets = self._read(wish, repeat, form)
        earlier = repeat.outcome(found.get(repeat.ref)) if repeat else None
        if earlier is not None:
            return booked_before(self.vault, earlier, form)
        if form:
            form.check(found.get(form.ref))
        check_open(found, wish.tenant, now=now)
        seen = self._understood(wish, found, sheets)
        check_start(seen.service, seen.availability, seen.sheets, starts_at=wish.starts_at, now=now)
        transaction = Transaction()
        transaction.require(seen.availability)  # who stops working here takes it along: no booking slips in behind
        customer = self._customer(transaction, wish, seen, now)
        appointment = _appointment(wish, seen.service, customer, now)
        seen.sheets.occupy(claim_of(appointment))
        seen.sheets.write(transaction)
        remind(
            transaction,
            appointment,
            lead_minutes=int(seen.service.reminder_minutes),
            zone=seen.availability.expert_zone,
            now=now,
        )
        notify_customer(transaction, appointment, "appointment-confirmed", now=now)
        transaction.create(appointment)
        transaction.create(entry(appointment, Action.APPOINTMENT_BOOKED, at=now, network=network, by=by))
        if form:
            form.use(transaction)
        if repeat:
            repeat.remember(transaction, appointment, at=now)
        transaction.commit()
        return appointment

    def _read(self, wish: Wish, repeat: Repeatable | None, form: FormUse | None) -> tuple[Found, Sheets]:
        """Everything that the request names, in one round trip."""
        try:
            refs = self._named(wish)
        except KeyDestroyedError:
            raise NotFoundError("There is no such business.") from None
        sheets = Sheets(wish.tenant, now=self.clock())
        likely = {(wish.expert, day) for day in likely_days(wish.starts_at)}
        noted = [asked.ref for asked in (repeat, form) if asked]
        found = fetch_all([Tenant.ref(wish.tenant), *refs, *noted, *starmap(sheets.ref, likely)], consistent=True)
        sheets.take(likely, found)
        return found, sheets

    def _named(self, wish: Wish) -> tuple[Ref[Service], Ref[Availability], Ref[CustomerAddress]]:
        index = self.vault.index(wish.tenant, CUSTOMER_ADDRESS, wish.email.casefold())
        return (
            Service.ref(wish.tenant, wish.service),
            Availability.ref(wish.tenant, wish.expert),
            CustomerAddress.ref(wish.tenant, index),
        )

    def _understood(self, wish: Wish, found: Found, sheets: Sheets) -> _Seen:
        service_ref, hours_ref, address_ref = self._named(wish)
        service = found.need(service_ref, what="service")
        if wish.expert not in service.experts:
            raise NotFoundError("This expert does not do this service.")
        availability = found.get(hours_ref)
        if availability is None:
            raise SlotTakenError("This expert offers no times yet.", field="starts_at")
        complete(sheets, service, wish.expert, wish.starts_at)
        return _Seen(service=service, availability=availability, address=found.get(address_ref), sheets=sheets)

    def _customer(self, transaction: Transaction, wish: Wish, seen: _Seen, now: datetime) -> str:
        """The customer's id: of the one who has this address already, whose entry lives on, or of a new one."""
        ends = wish.starts_at.astimezone(UTC) + timedelta(minutes=int(seen.service.duration))
        known = self._known(wish.tenant, seen.address) if seen.address else None
        if known is None or seen.address is None:
            return self._new_customer(transaction, wish, seen.service.zone, ends, now)
        if ends > known.last_appointment_at:
            for record in (known, seen.address):
                record.last_appointment_at = ends
                transaction.update(record)
        else:
            transaction.require(known)
        return known.subject

    def _known(self, tenant: str, address: CustomerAddress) -> Customer | None:
        ref, key_ref = Customer.ref(tenant, address.of_customer), SubjectKey.ref(tenant, address.of_customer)
        found = fetch_all([ref, key_ref], consistent=True)
        key, customer = found.get(key_ref), found.get(ref)
        if key is None or customer is None:
            return None
        self.vault.adopt(tenant, address.of_customer, key.wrapped)
        return customer

    def _new_customer(self, transaction: Transaction, wish: Wish, zone: str, ends: datetime, now: datetime) -> str:
        """Their period is counted in the tenant's zone, as that of their appointments, which their key opens."""
        customer = new_person(self.vault, transaction, tenant=wish.tenant, now=now)
        index = self.vault.index(wish.tenant, CUSTOMER_ADDRESS, wish.email.casefold())
        ref, address_ref = Customer.ref(wish.tenant, customer), CustomerAddress.ref(wish.tenant, index)
        common = {"zone": zone, "last_appointment_at": ends}
        person = Customer(ref.pk, ref.sk, language=wish.language, created_at=now, email_index=index, **common)
        person.given_name, person.family_name = wish.given_name, wish.family_name
        person.email, person.phone = wish.email, wish.phone
        transaction.create(person)
        transaction.create(CustomerAddress(address_ref.pk, address_ref.sk, of_customer=customer, **common))
        return customer


def booked_before(vault: Vault, earlier: Outcome, form: FormUse | None) -> Appointment:
    """The appointment that the same request brought about before."""
    if form:
        form.needless()
    appointment = fetch(Ref(Appointment, earlier.pk, earlier.sk), consistent=True)
    if appointment is None:
        raise NotFoundError("The appointment of this request does not exist any more.")
    vault.preload(appointment.tenant, [appointment.subject])
    return appointment


def check_asked(starts_at: datetime, *, now: datetime) -> None:
    """Refuses what nobody can ever offer, before anything is read for it."""
    if starts_at.second or starts_at.microsecond or abs(starts_at - now) > FARTHEST:
        raise SlotTakenError("Choose one of the times that are offered.", field="starts_at")


def check_open(found: Found, tenant: str, *, now: datetime) -> None:
    """ReadOnlyError while nothing of the business may be changed, NotFoundError once it has ended."""
    if not found.need(Tenant.ref(tenant), what="business").tenancy.is_open(now):
        raise ReadOnlyError(CLOSED)


def complete(sheets: Sheets, service: Service, expert: str, starts_at: datetime) -> None:
    """Reads the sheets of a long appointment that were not among the likely ones."""
    claim = Claim(owner="", calendars=(expert,), interval=blocked(offer_of(service), starts_at))
    missing = sheets.missing(claim)
    if missing:
        sheets.take(missing, fetch_all(starmap(sheets.ref, missing), consistent=True))


def check_start(
    service: Service,
    availability: Availability,
    sheets: Sheets,
    *,
    starts_at: datetime,
    now: datetime,
    moving: str | None = None,
) -> None:
    """SlotTakenError unless the service can start then; the time of the appointment `moving` counts as free."""
    if starts_at <= now:
        raise InvalidInputError("Choose a time in the future.", field="starts_at")
    busy = busy_of(sheets.of(availability.expert), without=moving)
    if not is_start(offer_of(service), availability.rules(), busy, now=now, start=starts_at):
        raise SlotTakenError("Choose one of the times that are offered.", field="starts_at")


def place(appointment: Appointment, service: Service, starts_at: datetime) -> None:
    """Puts the appointment at a time, with the room around it that the service asks for."""
    at = starts_at.astimezone(UTC)
    taken = blocked(offer_of(service), at)
    appointment.starts_at, appointment.ends_at = at, at + timedelta(minutes=int(service.duration))
    appointment.blocked_from = datetime.fromtimestamp(taken.start * 60, UTC)
    appointment.blocked_until = datetime.fromtimestamp(taken.end * 60, UTC)


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


def _appointment(wish: Wish, service: Service, customer: str, now: datetime) -> Appointment:
    ref = Appointment.ref(wish.tenant, customer, new_id(now))
    appointment = Appointment(
        ref.pk,
        ref.sk,
        zone=service.zone,
        service=service.id,
        expert=wish.expert,
        state=State.CONFIRMED,
        booked_at=now,
        changed_at=now,
        sequence=0,
        language=wish.language,
        customer_zone=wish.zone,
        sms_wanted=wish.sms_wanted,
        given_name=wish.given_name,
        family_name=wish.family_name,
        email=wish.email,
        phone=wish.phone if wish.sms_wanted else None,
    )
    place(appointment, service, wish.starts_at)
    return appointment
