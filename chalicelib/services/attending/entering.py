"""Staff enter an appointment for a customer: through the same door as customers, past rules where they say so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import InvalidInputError, NotAllowedError, NotFoundError
from chalicelib.domain.handling import Source
from chalicelib.domain.ids import new_id
from chalicelib.domain.roles import ADMIN
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer
from chalicelib.records.reading import Found, Ref, fetch, fetch_all
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.attending.bending import Bending, Rule, door_for, past_caps, refuse
from chalicelib.services.attending.held import Entered, entry
from chalicelib.services.booking._bookable import check_asked, offered
from chalicelib.services.booking.answering import Given, check, keep
from chalicelib.services.customers.files import file_of
from chalicelib.services.customers.finding import Finding, Known, Person
from chalicelib.services.door.choosing import Asked, Choosing, Chosen
from chalicelib.services.door.door import Door
from chalicelib.services.door.offers import duration_of
from chalicelib.services.door.sheets import likely_days
from chalicelib.services.outbox import notify_customer, remind
from chalicelib.services.ports import PublicHolidays, Vault
from chalicelib.services.repeating import Outcome, Repeatable
from chalicelib.services.sign_in.sessions import StaffSession

NO_CUSTOMER = "There is no such customer."
_BACK = timedelta(days=1)  # who came without an appointment is entered afterwards


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An appointment that staff enter: for a customer by id, or for a person by what is known of them.

    `resources` are rooms and devices of their choice, None for ours; `answers` to the service's questions are those
    that staff know; `anyway` goes past rules, `quiet` tells nobody.
    """

    customer: str | None
    person: Person | None
    zone: str
    sms_wanted: bool
    address: str | None
    note: str | None
    service: str
    expert: str | None
    starts_at: datetime
    duration: int | None
    resources: frozenset[str] | None
    answers: Mapping[str, Given]
    anyway: bool
    quiet: bool


@dataclass(frozen=True)
class Entering:
    """Enters appointments."""

    vault: Vault
    clock: Clock
    holidays: PublicHolidays
    finding: Finding

    def enter(self, caller: StaffSession, wanted: Wanted, *, network: str, repeat: Repeatable | None) -> Entered:
        """A confirmed appointment. SlotTakenError when its time is taken, ConflictError where it does not keep a rule.

        InvalidInputError for an answer that does not fit, RestrictedError for a customer whose data may not be used.
        """
        if ADMIN not in caller.roles and wanted.expert not in {None, caller.staff}:
            raise NotAllowedError("Experts enter appointments of their own.")
        check_asked(wanted.starts_at, now=self.clock())
        if wanted.starts_at <= self.clock() - (_BACK if wanted.anyway else timedelta(0)):
            raise InvalidInputError("Choose a time in the future.", field="starts_at")
        return persist(lambda: self._enter(caller, wanted, network, repeat))

    def _enter(self, caller: StaffSession, wanted: Wanted, network: str, repeat: Repeatable | None) -> Entered:
        now = self.clock().replace(microsecond=0)
        door, found = self._read(caller, wanted, repeat, now)
        earlier = repeat.outcome(found.get(repeat.ref)) if repeat else None
        if earlier is not None:
            return self._entered_before(earlier)
        chosen, ignored = self._chosen(caller, wanted, door, now)
        answers = check(door.terms(chosen.asked.service).questions, wanted.answers, complete=False)
        transaction = Transaction()
        customer = self._customer(transaction, caller, wanted, found, ends=_ends(chosen), now=now)
        held = _appointment(caller, wanted, chosen, customer, now)
        door.enter(held, chosen.asked.service)
        door.write(transaction)
        hours = door.hours(held.expert)
        if not wanted.quiet:
            notify_customer(transaction, held, "appointment-confirmed", now=now)
        zone, lead = hours.expert_zone if hours else held.zone, int(chosen.asked.service.reminder_minutes)
        remind(transaction, held, lead_minutes=lead, zone=zone, now=now)
        keep(transaction, held, chosen.asked.service, answers)
        transaction.create(held)
        transaction.create(entry(caller, held, Action.APPOINTMENT_BOOKED_BY_STAFF, now, network))
        if repeat:
            repeat.remember(transaction, held, at=now)
        transaction.commit()
        return Entered(held, [*ignored, *past_caps(door, held)])

    def _read(
        self, caller: StaffSession, wanted: Wanted, repeat: Repeatable | None, now: datetime
    ) -> tuple[Door, Found]:
        """All that is named, in one round trip."""
        door = door_for(caller, anyway=wanted.anyway, now=now)
        door.want_service(wanted.service)
        door.want_premises()
        if wanted.expert:
            door.want_hours([wanted.expert])
            door.want_days([wanted.expert], likely_days(wanted.starts_at))
        refs: list[Ref[Any]] = [repeat.ref] if repeat else []
        if wanted.person and wanted.person.email:
            refs.append(self.finding.claim(caller.tenant, wanted.person.email))
        if wanted.customer:
            refs.append(Customer.ref(caller.tenant, wanted.customer))
        found = fetch_all([*refs, *door.refs()], consistent=True)
        door.take(found)
        return door, found

    def _chosen(self, caller: StaffSession, wanted: Wanted, door: Door, now: datetime) -> tuple[Chosen, Sequence[Rule]]:
        """With whom and where, and past which rules."""
        service = offered(door.service(wanted.service))
        duration = wanted.duration if wanted.anyway else duration_of(door.terms(service), wanted.duration)
        asked = Asked(
            service=service,
            expert=wanted.expert if ADMIN in caller.roles else caller.staff,
            starts_at=wanted.starts_at,
            duration=duration or int(service.duration),
        )
        if asked.expert is None:
            asked = replace(asked, expert=Choosing(door, self.holidays, now).choose(asked, anyhow=wanted.anyway).expert)
        if asked.expert not in service.experts:
            raise NotFoundError("This expert does not do this service.")
        bending = Bending(door, self.holidays, now)
        bending.want(asked)
        door.read()
        ignored = bending.broken(asked)
        if not wanted.anyway:
            refuse(ignored)
        return bending.place(asked, given=wanted.resources), ignored

    def _customer(
        self,
        transaction: Transaction,
        caller: StaffSession,
        wanted: Wanted,
        found: Found,
        *,
        ends: datetime,
        now: datetime,
    ) -> Customer:
        """Whose appointment it is: somebody known, by id or address, whose entry lives on, or somebody new."""
        known = self._known(caller, wanted, found)
        if known is not None:
            known.stay_until(transaction, max(ends, now))
            return known.customer
        if wanted.person is None:
            raise NotFoundError(NO_CUSTOMER)
        return self.finding.make(
            transaction,
            caller.tenant,
            wanted.person,
            zone=caller.zone,
            ends=max(ends, now),
            now=now,
            source=Source.TENANT,
            entered_by=caller.staff,
        )

    def _known(self, caller: StaffSession, wanted: Wanted, found: Found) -> Known | None:
        if wanted.customer:
            return self.finding.of(self._by_id(caller, found.get(Customer.ref(caller.tenant, wanted.customer))))
        email = wanted.person.email if wanted.person else None
        address = found.get(self.finding.claim(caller.tenant, email)) if email else None
        refs = self.finding.refs(address)
        return self.finding.known(address, fetch_all(refs, consistent=True)) if refs else None

    def _by_id(self, caller: StaffSession, person: Customer | None) -> Customer:
        """The customer within the caller's reach; of one who was merged, the one who remains."""
        if person is not None and person.merged_into:
            person = fetch(Customer.ref(caller.tenant, person.merged_into), consistent=True)
        if person is None:
            raise NotFoundError(NO_CUSTOMER)
        person.check_usable()
        if ADMIN not in caller.roles:
            file_of(self.vault, caller, person.subject)
        self.vault.preload(caller.tenant, [person.subject])
        return person

    def _entered_before(self, earlier: Outcome) -> Entered:
        held = fetch(Ref(Appointment, earlier.pk, earlier.sk), consistent=True)
        if held is None:
            raise NotFoundError("The appointment of this request does not exist any more.")
        self.vault.preload(held.tenant, [held.subject])
        return Entered(held)


def _ends(chosen: Chosen) -> datetime:
    return chosen.asked.starts_at + timedelta(minutes=chosen.asked.duration)


def _appointment(
    caller: StaffSession, wanted: Wanted, chosen: Chosen, customer: Customer, now: datetime
) -> Appointment:
    """With the contact data as they were given for it, or else those of the customer."""
    service, ref = chosen.asked.service, Appointment.ref(caller.tenant, customer.subject, new_id(now))
    who = wanted.person or customer
    held = Appointment(
        ref.pk,
        ref.sk,
        zone=service.zone,
        service=service.id,
        state=State.CONFIRMED,
        booked_at=now,
        booked_by=caller.staff,
        changed_at=now,
        sequence=0,
        price=service.price,
        currency=service.currency if service.price is not None else None,
        place=service.place,
        language=who.language,
        customer_zone=wanted.zone,
        mail_wanted=bool(who.email),
        sms_wanted=wanted.sms_wanted and bool(who.phone),
        given_name=who.given_name,
        family_name=who.family_name,
        email=who.email or "",
        phone=who.phone,
        address=wanted.address,
        note=wanted.note,
    )
    chosen.put(held)
    return held
