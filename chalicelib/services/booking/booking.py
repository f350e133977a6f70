"""Booking, in at most three round trips in sequence.

They are what the request names; the customer, if known, with what the services name, such as other experts, rooms and
caps; the transaction. Who loses a race reads again, sees the overlap and is told so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    KeyDestroyedError,
    NotFoundError,
    RestrictedError,
    SlotTakenError,
)
from chalicelib.domain.ids import new_id
from chalicelib.records.appointment import Appointment
from chalicelib.records.reading import Found, Ref, fetch
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services._wide import fetch_wide
from chalicelib.services.booking._beginning import prepare, tell
from chalicelib.services.booking._bookable import check_asked, check_open, entry
from chalicelib.services.booking._fitting import Fitting
from chalicelib.services.booking.answering import keep
from chalicelib.services.booking.making import made
from chalicelib.services.booking.planning import Part, plan
from chalicelib.services.booking.rights import Reserved, Right
from chalicelib.services.booking.wishing import Wish
from chalicelib.services.customers.finding import Finding, Known, Person
from chalicelib.services.door.choosing import Asked, Choosing, Chosen
from chalicelib.services.door.door import Door
from chalicelib.services.door.sheets import Claim, likely_days
from chalicelib.services.forms import FormUse
from chalicelib.services.ports import PublicHolidays, Vault
from chalicelib.services.repeating import Outcome, Repeatable

NOT_ONLINE = "Please ask the business for an appointment: with this address it can't be booked online."


@dataclass(frozen=True, kw_only=True)
class _Call:
    """A wish, and how it came."""

    wish: Wish
    network: str
    repeat: Repeatable | None
    form: FormUse | None
    right: Right | None
    by: str

    def refs(self, finding: Finding) -> list[Ref[Any]]:
        """What the request names, beside what the door reads."""
        noted = [asked.ref for asked in (self.repeat, self.form) if asked]
        rights = self.right.refs() if self.right else []
        return [Tenant.ref(self.wish.tenant), finding.claim(self.wish.tenant, self.wish.email), *noted, *rights]

    @property
    def agreed(self) -> bool:
        """Whether the expert has agreed already."""
        return self.right is not None and self.right.confirmed

    def claims(self, found: Found) -> list[Claim]:
        """What is kept for whoever calls."""
        if self.right is None:
            return []
        self.right.check(found)
        return self.right.claims(found)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What was read for one attempt, and made of it."""

    parts: list[Part]
    claims: list[Claim]
    known: Known | None
    choosing: Choosing


@dataclass(frozen=True)
class Booking:
    """Books appointments."""

    vault: Vault
    clock: Clock
    holidays: PublicHolidays
    finding: Finding

    def book(
        self,
        wish: Wish,
        *,
        network: str,
        repeat: Repeatable | None,
        form: FormUse | None = None,
        right: Right | None = None,
        by: str = "",
    ) -> Appointment:
        """The appointment, or the first one where there are several, as `book_all` makes them."""
        return self.book_all(wish, network=network, repeat=repeat, form=form, right=right, by=by)[0]

    def book_all(
        self,
        wish: Wish,
        *,
        network: str,
        repeat: Repeatable | None,
        form: FormUse | None = None,
        right: Right | None = None,
        by: str = "",
    ) -> list[Appointment]:
        """All appointments of a visit or a series in order of time, or none: SlotTakenError when one is not free.

        TryAgainError when too many book at once, ConflictError for a person whose data may be stored but not used,
        ReadOnlyError for a business that is closing. `by` is the key of a server that books for a customer, who else
        does it with a `form`; `right` is that to a time which is kept for them.
        """
        if wish.sms_wanted and wish.phone is None:
            raise InvalidInputError("Give a phone number, or do without text messages.", field="customer.phone")
        check_asked(wish.starts_at, now=self.clock())
        if wish.reservation and right is None:
            right = Reserved(wish.tenant, wish.reservation)
        call = _Call(wish=wish, network=network, repeat=repeat, form=form, right=right, by=by)
        try:
            return persist(lambda: self._attempt(call))
        except RestrictedError:
            # Who books may be anybody who knows the address: what stands in the way is the person's own business.
            raise ConflictError(NOT_ONLINE) from None

    def _attempt(self, call: _Call) -> list[Appointment]:
        now = self.clock().replace(microsecond=0)
        door = Door(call.wish.tenant, now=now)
        found = self._read(call, door)
        earlier = call.repeat.outcome(found.get(call.repeat.ref)) if call.repeat else None
        if earlier is not None:
            return booked_before(self.vault, earlier, call.form)
        if call.form:
            call.form.check(found.get(call.form.ref))
        check_open(found, call.wish.tenant, now=now)
        seen = self._read_on(call, found, Choosing(door, self.holidays, now))
        transaction, fitting = Transaction(), Fitting()
        appointments = self._enter(transaction, call, seen, fitting)
        door.write(transaction)
        if call.right:
            call.right.use(transaction, found, appointments[0])
        if call.form:
            call.form.use(transaction)
        if call.repeat:
            call.repeat.remember(transaction, appointments[0], at=now)
        fitting.check(transaction, call.wish)
        transaction.commit()
        return appointments

    def _read(self, call: _Call, door: Door) -> Found:
        """Everything that the request names."""
        wish = call.wish
        try:
            refs = call.refs(self.finding)
        except KeyDestroyedError:
            raise NotFoundError("There is no such business.") from None
        named = [item.expert for item in wish.items if item.expert]
        for item in wish.items:
            door.want_service(item.service)
        door.want_premises()
        door.want_hours(named)
        door.want_days(named, likely_days(wish.starts_at))
        found = fetch_wide([*refs, *door.refs()])
        door.take(found)
        return found

    def _read_on(self, call: _Call, found: Found, choosing: Choosing) -> _Seen:
        """What only now is known to be needed; of somebody new as much as of a customer."""
        door = choosing.door
        parts, claims = plan(call.wish, door, now=choosing.now), call.claims(found)
        for part in parts:
            choosing.want(part.asked)
        door.want_time(*claims)
        address = found.get(self.finding.claim(call.wish.tenant, call.wish.email))
        more = fetch_wide([*self.finding.refs_evenly(address), *door.refs()])
        door.take(more)
        return _Seen(parts=parts, claims=claims, known=self.finding.known(address, more), choosing=choosing)

    def _enter(self, transaction: Transaction, call: _Call, seen: _Seen, fitting: Fitting) -> list[Appointment]:
        """The appointments of one customer, with all that is said about them."""
        door, now, ends = seen.choosing.door, seen.choosing.now, max(part.ends_at for part in seen.parts)
        for claim in seen.claims:
            door.release(claim)
        customer = seen.known.customer.subject if seen.known else self._new(transaction, call.wish, seen, ends)
        series = new_id(now) if len(seen.parts) > 1 else None
        appointments = []
        for part in seen.parts:
            chosen = _chosen(part, seen)
            appointment = made(call.wish, chosen, customer, series=series, agreed=call.agreed, now=now)
            with _named(part, seen):
                door.enter(appointment, part.asked.service)
            prepare(transaction, door, appointment, part.asked.service, now=now)
            keep(transaction, appointment, part.asked.service, part.answers)
            transaction.create(appointment)
            transaction.create(entry(appointment, Action.APPOINTMENT_BOOKED, at=now, network=call.network, by=call.by))
            appointments.append(appointment)
            fitting.measure(transaction, door)
        tell(transaction, appointments, now=now)
        if seen.known:
            seen.known.stay_until(transaction, ends)
        return appointments

    def _new(self, transaction: Transaction, wish: Wish, seen: _Seen, ends: datetime) -> str:
        person = Person(
            given_name=wish.given_name,
            family_name=wish.family_name,
            email=wish.email,
            phone=wish.phone,
            language=wish.language,
        )
        zone, now = str(seen.parts[0].asked.service.zone), seen.choosing.now
        return self.finding.make(transaction, wish.tenant, person, zone=zone, ends=ends, now=now).subject


def booked_before(vault: Vault, earlier: Outcome, form: FormUse | None) -> list[Appointment]:
    """The appointments that the same request brought about before."""
    if form:
        form.needless()
    first = fetch(Ref(Appointment, earlier.pk, earlier.sk), consistent=True)
    if first is None:
        raise NotFoundError("The appointment of this request does not exist any more.")
    vault.preload(first.tenant, [first.subject])
    if first.series is None:
        return [first]
    return Appointment.of_series(first.tenant, first.subject, first.series)


def _chosen(part: Part, seen: _Seen) -> Chosen:
    """Who does it and where; what is kept for whoever calls was looked at when it was kept."""
    kept = [each for each in seen.claims if _is_for(each, part.asked)]
    prefer = {calendar for each in kept for calendar in each.calendars}
    with _named(part, seen):
        return seen.choosing.choose(part.asked, anyhow=bool(kept), prefer=prefer)


def _is_for(claim: Claim, asked: Asked) -> bool:
    """Whether time was kept for just this: for another service or expert, the rules are looked at anew."""
    if claim.interval != asked.interval or asked.expert not in {None, *claim.calendars}:
        return False
    return claim.kept is None or claim.kept.service == asked.service.id


@contextmanager
def _named(part: Part, seen: _Seen) -> Iterator[None]:
    """Says which time is not free, where there are several."""
    try:
        yield
    except SlotTakenError as error:
        if len(seen.parts) == 1:
            raise
        at = part.asked.starts_at.astimezone(UTC)
        raise SlotTakenError(f"{at:%Y-%m-%dT%H:%M:%SZ} is not free. {error.remedy}", field=error.field) from None
