"""What becomes of appointments that wait: they are confirmed, paid for, or end; and those that lapse are found in time.

All of it goes through the one door. In the day sheets a time that waits frees itself; what is done here is to say so.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, NotFoundError, SlotTakenError, TryAgainError
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.due import LAPSE, ended
from chalicelib.records.exceptions import fetch_excepted
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Found, Ref, fetch
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.appointments.changing import supersede
from chalicelib.services.booking.pending import MISSED, ask, tell_expert, wait_for_expert
from chalicelib.services.door.door import Door, experts_of
from chalicelib.services.outbox import notify_customer, remind, unsent_of
from chalicelib.services.paying.notes import note_refund, payment_of

BEGUN = "The appointment has begun already."
_MOST = 1000


@dataclass(kw_only=True)
class Settled:
    """How many appointments have lapsed, and how many wait for the next run."""

    lapsed: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Settling:
    """Lets what was paid hold, and ends what nobody paid or confirmed in time."""

    clock: Clock

    def paid(self, tenant: str, customer: str, appointment: str, *, also: Callable[[Transaction], None]) -> None:
        """The price came: it is confirmed, or waits for its expert now; `also` adds what is written with it.

        SlotTakenError when it has lapsed and its time is taken, or it has begun; ConflictError when it was ended.
        """
        persist(lambda: self._paid(tenant, customer, appointment, also))

    def lapse_due(self, *, may_go_on: Callable[[], bool] = lambda: True) -> Settled:
        """Does what is due, as long as there is time. Businesses take turns, and what fails keeps nobody waiting.

        A failure that is no mere delay is raised at the end, so that somebody hears of it.
        """
        counts, failures = Settled(), list[Exception]()
        for ref in _by_turns(_due(self._now())):
            if not may_go_on():
                counts.waiting += 1
                continue
            try:
                counts.lapsed += persist(lambda ref=ref: self._lapse(ref))  # type: ignore[misc]
            except TryAgainError:
                counts.waiting += 1
            except Exception as error:  # noqa: BLE001 (whatever is wrong with one, the others go on)
                failures.append(error)
        if failures:
            raise failures[0]
        return counts

    def _paid(self, tenant: str, customer: str, appointment: str, also: Callable[[Transaction], None]) -> None:
        now = self._now()
        # Who pays wishes for the appointment: a restriction they had asked for allows it.
        asked = Asked(ground=Ground.SUBJECT_CONSENT, actor=customer)
        held = fetch_excepted(Appointment.ref(tenant, customer, appointment), asked)
        if held is None:
            raise NotFoundError("This appointment does not exist any more.")
        door, found = read(held, now=now)
        transaction = Transaction()
        paid(transaction, door, held, found, now=now)
        also(transaction)
        door.write(transaction)
        transaction.update(held)
        transaction.commit()

    def _lapse(self, ref: Ref[Appointment]) -> bool:
        """Whether it has lapsed; False when it was settled meanwhile."""
        now, held = self._now(), fetch(ref, consistent=True)
        if held is None or not held.state.waits or held.lapses_at is None or held.lapses_at > now:
            return False
        was, quiet = held.state, held.restricted_since is not None
        door, found = read(held, ends=True, now=now)
        transaction = Transaction()
        end(transaction, door, held, found, State.LAPSED, now=now)
        if not quiet:  # nobody is written to about who had the processing of their data restricted
            notify_customer(transaction, held, "appointment-lapsed", now=now)
        for expert in experts_of(held) if not quiet and was is State.PENDING else ():
            tell_expert(transaction, held, expert, MISSED, useless_at=held.ends_at, now=now)
        door.write(transaction)
        (transaction.mark if quiet else transaction.update)(held)
        transaction.create(entry(held, Action.APPOINTMENT_LAPSED, now))
        transaction.commit()
        return True

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def confirmed(transaction: Transaction, door: Door, held: Appointment, found: Found, *, now: datetime) -> None:
    """Makes it stand for good, with reminders and a message. SlotTakenError when its time was lost meanwhile."""
    held.state, held.lapses_at = State.CONFIRMED, None
    service = _keep(transaction, door, held, found, now)
    hours = door.hours(held.expert)
    zone = hours.expert_zone if hours else str(held.zone)
    remind(transaction, held, lead_minutes=int(service.reminder_minutes), zone=zone, now=now)
    notify_customer(transaction, held, "appointment-confirmed", now=now)


def paid(transaction: Transaction, door: Door, held: Appointment, found: Found, *, now: datetime) -> None:
    """What follows when the price of an appointment came: it is confirmed, or now waits for its expert.

    SlotTakenError when it has lapsed and its time is taken, or it has begun; ConflictError when it was ended otherwise.
    """
    if held.state not in {State.UNPAID, State.LAPSED}:
        raise ConflictError("It does not wait for a payment.")
    if held.starts_at <= now:
        raise SlotTakenError(BEGUN)
    service = door.service(held.service)
    if service is None:
        raise SlotTakenError("The service is not offered any more.")
    held.paid_at = now
    wait_for_expert(held, service, now=now)
    if not held.state.waits:
        confirmed(transaction, door, held, found, now=now)
        return
    _keep(transaction, door, held, found, now)
    ask(transaction, held, now=now)


def end(transaction: Transaction, door: Door, held: Appointment, found: Found, state: State, *, now: datetime) -> None:
    """Ends what waited: its time goes to others, what was paid goes back, and no message of before goes out."""
    door.leave(held, door.service(held.service))
    note_refund(transaction, held, found, None, now=now)
    held.state, held.lapses_at = state, None
    supersede(transaction, held, found, now)
    held.unsent = None


def _keep(transaction: Transaction, door: Door, held: Appointment, found: Found, now: datetime) -> Service:
    """Keeps its time, in its new state."""
    service = door.service(held.service)
    if service is None:
        raise SlotTakenError("The service is not offered any more.")
    door.stay(held, service)
    supersede(transaction, held, found, now)
    return service


def read(held: Appointment, more: Iterable[Ref[Any]] = (), *, ends: bool = False, now: datetime) -> tuple[Door, Found]:
    """All that the end or the confirmation of an appointment touches, and `more`, in one round trip."""
    door = Door(held.tenant, now=now)
    door.want(held)
    if ends:
        door.want_list(held)
    found = door.fetch([*more, *unsent_of(held), *payment_of(held)])
    for payment in filter(None, map(found.get, payment_of(held))):
        payment.asked = held.asked
    return door, found


def entry(
    held: Appointment, action: Action, at: datetime, *, actor: str | None = None, network: str = ""
) -> LedgerEntry:
    """What the ledger says of it; nobody acts when time does."""
    return LedgerEntry.of(
        held.tenant,
        action,
        at=at,
        actor=actor,
        about=held.subject,
        thing=held.id,
        network=network,
        counts={"starts_at": int(held.starts_at.timestamp())},
    )


def _due(now: datetime) -> list[Ref[Appointment]]:
    """What has to be looked after, the longest overdue first within each shard."""
    found = ended(LAPSE, until=now, limit=_MOST)
    return [Ref(Appointment, each.pk, each.sk) for each in found if each.sk.startswith("APPOINTMENT#")]


def _by_turns(refs: list[Ref[Appointment]]) -> Iterator[Ref[Appointment]]:
    """One of each business, then the next of each: nobody waits for somebody else's many."""
    by_tenant: dict[str, list[Ref[Appointment]]] = {}
    for ref in refs:
        by_tenant.setdefault(ref.pk.partition("#SUBJECT#")[0], []).append(ref)
    return (ref for turn in zip_longest(*by_tenant.values()) for ref in turn if ref is not None)
