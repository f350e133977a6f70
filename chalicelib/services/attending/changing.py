"""Staff move an appointment, hand it over to a colleague, or cancel it: through the same door as customers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, InvalidInputError, NotFoundError
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer
from chalicelib.records.reading import Found, Ref, fetch
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.appointments.changing import supersede
from chalicelib.services.appointments.settling import end, read
from chalicelib.services.attending.bending import Bending, Rule, door_for, past_caps, refuse
from chalicelib.services.attending.held import Entered, Task, check_ahead
from chalicelib.services.booking._bookable import check_asked
from chalicelib.services.booking.answering import move_along, refs_of
from chalicelib.services.booking.pending import WANTED, ask, awaited, tell_expert
from chalicelib.services.customers.finding import Finding
from chalicelib.services.door.choosing import Asked
from chalicelib.services.door.door import Door, experts_of
from chalicelib.services.door.sheets import likely_days
from chalicelib.services.outbox import notify_customer, remind, unsent_of
from chalicelib.services.paying.notes import note_moved, payment_of
from chalicelib.services.ports import PublicHolidays, Vault

_MINUTE = timedelta(minutes=1)
_OF_A_COLLEAGUE = frozenset({Rule.HOURS, Rule.ABSENCE})


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to be other than it is; None leaves it. `anyway` goes past rules, `quiet` tells nobody."""

    starts_at: datetime | None = None
    expert: str | None = None
    duration: int | None = None
    resources: frozenset[str] | None = None
    anyway: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Was:
    """Where and when an appointment was before it was changed."""

    starts_at: datetime
    ends_at: datetime
    expert: str
    resources: frozenset[str]

    @classmethod
    def of(cls, held: Appointment) -> "Was":
        """As it is now."""
        return cls(held.starts_at, held.ends_at, held.expert, frozenset(held.resources or ()))

    def moved(self, held: Appointment) -> bool:
        """Whether it is at another time by now."""
        return (held.starts_at, held.ends_at) != (self.starts_at, self.ends_at)

    def actions(self, held: Appointment) -> Iterator[Action]:
        """What was done to it, if anything."""
        if held.expert != self.expert:
            yield Action.APPOINTMENT_HANDED_OVER
        if self.moved(held) or frozenset(held.resources or ()) != self.resources:
            yield Action.APPOINTMENT_MOVED_BY_STAFF


@dataclass(frozen=True)
class Changes:
    """Changes of appointments by staff."""

    vault: Vault
    clock: Clock
    holidays: PublicHolidays
    finding: Finding

    def move(self, task: Task, change: Change) -> Entered:
        """To another time, expert, room or length.

        SlotTakenError when that is taken, ConflictError where it does not keep a rule, has begun, or nothing changes.
        """
        if change.starts_at is not None:
            check_asked(change.starts_at, now=self.clock())
            if change.starts_at <= self.clock():
                raise InvalidInputError("Choose a time in the future.", field="starts_at")
        return persist(lambda: self._move(task, change))

    def cancel(self, task: Task, *, quiet: bool) -> Appointment:
        """Gives its time back, and all that was paid. ConflictError when it has begun or takes place no more."""
        return persist(lambda: self._cancel(task, quiet=quiet))

    def _cancel(self, task: Task, *, quiet: bool) -> Appointment:
        now, held = self._now(), task.held()
        check_ahead(held, now)
        door, found = read(held, ends=True, now=now)
        transaction = Transaction()
        end(transaction, door, held, found, State.CANCELLED, now=now)
        door.write(transaction)
        if not quiet:
            notify_customer(transaction, held, "appointment-cancelled", now=now)
        transaction.update(held)
        transaction.create(task.entry(held, Action.APPOINTMENT_CANCELLED_BY_STAFF, now))
        transaction.commit()
        self.vault.preload(held.tenant, [held.subject])
        return held

    def _move(self, task: Task, change: Change) -> Entered:
        now, held = self._now(), task.held()
        check_ahead(held, now)
        door, found = self._read(task, held, change, now)
        service = door.service(held.service)
        if service is None:
            raise NotFoundError("The service is not offered any more.")
        asked, was, transaction = _asked(held, service, change), Was.of(held), Transaction()
        door.leave(held, service, offered=asked.starts_at != held.starts_at)
        ignored = self._put(door, held, asked, change, now)
        door.enter(held, service)
        door.write(transaction)
        actions = list(was.actions(held))
        if not actions:
            raise ConflictError("Name a time, an expert, a length or rooms other than the present ones.")
        if was.moved(held):
            held.agreed = None
        if was.moved(held) or held.expert != was.expert:
            self._follow(transaction, door, held, found, now=now)
            _tell(transaction, held, was, quiet=change.quiet, now=now)
        transaction.update(held)
        for action in actions:
            transaction.create(task.entry(held, action, now))
        transaction.commit()
        return Entered(held, [*ignored, *past_caps(door, held)])

    def _read(self, task: Task, held: Appointment, change: Change, now: datetime) -> tuple[Door, Found]:
        """All that is known to be needed, in one round trip."""
        door = door_for(task.caller, anyway=change.anyway, now=now)
        door.want(held)
        if change.starts_at not in {None, held.starts_at}:
            door.want_list(held)
        experts = {*experts_of(held), change.expert or held.expert}
        door.want_hours(experts)
        door.want_premises()
        door.want_days({*experts, *held.calendars}, likely_days(change.starts_at or held.starts_at))
        person = Customer.ref(held.tenant, held.subject)
        more: list[Ref[Any]] = [*unsent_of(held), *payment_of(held), *refs_of(held), person]
        found = door.fetch(more)
        self.vault.preload(held.tenant, [held.subject])
        return door, found

    def _put(self, door: Door, held: Appointment, asked: Asked, change: Change, now: datetime) -> list[Rule]:
        """Puts it where it is to be; the rules that it breaks there, as far as the change is to blame."""
        bending = Bending(door, self.holidays, now)
        bending.want(asked)
        door.read()
        ignored = [rule for rule in bending.broken(asked) if rule in _to_blame(held, asked, change)]
        if not change.anyway:
            refuse(ignored)
        chosen = bending.place(asked, given=change.resources, prefer=frozenset(held.resources or ()))
        if chosen.expert != held.expert:
            held.give_to(chosen.expert, now)
        chosen.put(held)
        if held.state.waits and held.lapses_at is not None:
            held.lapses_at = min(held.lapses_at, held.starts_at)
        return ignored

    def _follow(self, transaction: Transaction, door: Door, held: Appointment, found: Found, *, now: datetime) -> None:
        """What moves along: links and reminders, answers, a payment, and the period of whose appointment it is."""
        supersede(transaction, held, found, now)
        held.unsent = None
        note_moved(transaction, held, found)
        move_along(transaction, held, found)
        person = found.get(Customer.ref(held.tenant, held.subject))
        while person is not None:
            self.finding.of(person).stay_until(transaction, held.ends_at)
            into = person.merged_into
            person = fetch(Customer.ref(held.tenant, into), consistent=True) if into else None
        service, hours = door.service(held.service), door.hours(held.expert)
        if service is not None and hours is not None and held.state is State.CONFIRMED:
            lead = int(service.reminder_minutes)
            remind(transaction, held, lead_minutes=lead, zone=hours.expert_zone, now=now)

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)


def _tell(transaction: Transaction, held: Appointment, was: Was, *, quiet: bool, now: datetime) -> None:
    """The customer, unless it is done quietly; and the experts, where it still waits for them."""
    if held.state is State.PENDING and held.lapses_at is not None:
        if quiet:
            for expert in awaited(held):
                tell_expert(transaction, held, expert, WANTED, useless_at=held.lapses_at, now=now)
        else:
            ask(transaction, held, now=now)
    elif held.state is State.CONFIRMED and not quiet:
        message = "appointment-rescheduled" if was.moved(held) else "appointment-handed-over"
        notify_customer(transaction, held, message, now=now)


def _asked(held: Appointment, service: Service, change: Change) -> Asked:
    """What is to take place."""
    expert = change.expert or held.expert
    if expert not in service.experts:
        raise NotFoundError("This expert does not do this service.")
    if expert in (held.others or ()):
        raise ConflictError("Choose somebody who does not take part yet.", field="expert")
    return Asked(
        service=service,
        expert=expert,
        starts_at=change.starts_at or held.starts_at,
        duration=change.duration or (held.ends_at - held.starts_at) // _MINUTE,
        others=frozenset(held.others or ()),
    )


def _to_blame(held: Appointment, asked: Asked, change: Change) -> frozenset[Rule]:
    """The rules that a change of this sort has to keep: a colleague has to be there, a time to be one that is offered.

    Grid, notice and horizon were a matter of booking it.
    """
    if asked.starts_at != held.starts_at or change.duration is not None:
        return frozenset(Rule) - (frozenset() if change.duration is not None else {Rule.DURATION})
    return _OF_A_COLLEAGUE if asked.expert != held.expert else frozenset()
