"""Staff look at one appointment, and note what became of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError
from chalicelib.records.answer import GivenAnswer
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer
from chalicelib.records.reading import fetch
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.attending.agenda import standing
from chalicelib.services.attending.held import Task
from chalicelib.services.booking.answering import of
from chalicelib.services.ports import Vault
from chalicelib.services.side_by_side import all_at_once, side_by_side


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One appointment, how it stands, what was answered for it, and how often its customer did not come."""

    appointment: Appointment
    state: State
    answers: list[GivenAnswer]
    no_shows: int


@dataclass(frozen=True)
class Noting:
    """Looks and notes."""

    vault: Vault
    clock: Clock

    def see(self, task: Task) -> Seen:
        """The appointment. Noted before it is shown."""
        ours, person = side_by_side(
            partial(Appointment.all_of, task.caller.tenant, task.customer),
            partial(fetch, Customer.ref(task.caller.tenant, task.customer)),
        )
        held = task.check_may(next((each for each in ours if each.id == task.appointment), None))
        noted = Transaction()
        noted.create(task.entry(held, Action.APPOINTMENT_READ, self._now()))
        noted.commit()
        restricted = held.restricted_since is not None
        self.vault.preload(held.tenant, [held.subject])
        return Seen(
            appointment=held,
            state=standing(held, self._now()),
            answers=[] if restricted else of(held),
            no_shows=sum(each.no_show_at is not None for each in [*ours, *_elsewhere(person)]),
        )

    def no_show(self, task: Task, *, came: bool) -> Appointment:
        """Notes that nobody came, or that they did after all. ConflictError before the start, or where it was off."""
        return persist(lambda: self._no_show(task, came=came))

    def note(self, task: Task, text: str | None) -> Appointment:
        """Keeps a note of the business beside it, in place of the one before; None for none."""
        return persist(lambda: self._note(task, text))

    def _no_show(self, task: Task, *, came: bool) -> Appointment:
        now, held = self._now(), task.held()
        if held.state is not State.CONFIRMED:
            raise ConflictError("Only a confirmed appointment can be missed.")
        if held.starts_at > now:
            raise ConflictError("Wait until it has begun.")
        self.vault.preload(held.tenant, [held.subject])
        if (held.no_show_at is None) is came:
            return held
        held.no_show_at = None if came else now
        return self._written(task, held, Action.NO_SHOW_UNDONE if came else Action.NO_SHOW_NOTED, now)

    def _note(self, task: Task, text: str | None) -> Appointment:
        now, held = self._now(), task.held()
        self.vault.preload(held.tenant, [held.subject])
        held.note = text
        return self._written(task, held, Action.APPOINTMENT_NOTED, now)

    def _written(self, task: Task, held: Appointment, action: Action, at: datetime) -> Appointment:
        transaction = Transaction()
        transaction.update(held)
        transaction.create(task.entry(held, action, at))
        transaction.commit()
        return held

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)


def _elsewhere(person: Customer | None) -> list[Appointment]:
    """Appointments of the same person under ids that were merged with the one asked for."""
    if person is None:
        return []
    others = {*(person.merged or ()), *([person.merged_into] if person.merged_into else [])}
    return [
        each
        for one in all_at_once([partial(Appointment.all_of, person.tenant, o) for o in sorted(others)])
        for each in one
    ]
