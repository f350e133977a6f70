"""Times that are kept for a few minutes, while somebody fills in the form.

They are busy for everybody else, booked by whoever knows the reservation's id, and free again by themselves. Whoever
reserves in order to keep others from booking gets nowhere: it takes a form, and one address gets a few in ten minutes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import LinkInvalidError, NotFoundError
from chalicelib.domain.ids import is_id, new_id
from chalicelib.domain.visits import Visitor
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.reservation import Reservation
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.booking._bookable import check_ahead, check_asked, check_open, offered
from chalicelib.services.door.choosing import Asked, Choosing, Chosen
from chalicelib.services.door.door import Door
from chalicelib.services.door.offers import duration_of
from chalicelib.services.door.sheets import Claim, Kept, interval
from chalicelib.services.forms import FormUse
from chalicelib.services.ports import PublicHolidays
from chalicelib.services.repeating import Repeatable
from chalicelib.services.sign_in.throttling import Throttling

KEPT = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Pick:
    """What is to be kept; without an `expert` any, without a `duration` the usual one. `starts_at` is aware."""

    tenant: str
    service: str
    expert: str | None
    starts_at: datetime
    duration: int | None


@dataclass(frozen=True, kw_only=True)
class _Call:
    """Who asks for it; `admit` counts them, or refuses them."""

    network: str
    repeat: Repeatable | None
    form: FormUse | None
    by: str
    admit: Callable[[], None]


@dataclass(frozen=True)
class Reserving:
    """Reserves, and takes reservations back."""

    clock: Clock
    holidays: PublicHolidays
    throttling: Throttling

    def reserve(
        self, pick: Pick, *, visitor: Visitor, repeat: Repeatable | None, form: FormUse | None, by: str = ""
    ) -> Reservation:
        """The time, kept for five minutes. SlotTakenError when it can't be booked.

        TooManyAttemptsError when too many were reserved from the address. `by` is the key of a server of the business,
        which keeps times for many.
        """
        check_asked(pick.starts_at, now=self.clock())
        admit = cache(lambda: None if by else self.throttling.admit(visitor))  # once, however often a race is lost
        call = _Call(network=visitor.network, repeat=repeat, form=form, by=by, admit=admit)
        return persist(lambda: self._reserve(pick, call))

    def give_back(self, tenant: str, reservation: str, *, network: str) -> None:
        """Frees the time before it is over. LinkInvalidError for whatever is no reservation, or none any more."""
        if not is_id(reservation):
            raise LinkInvalidError("Send the id of a reservation.")
        persist(lambda: self._give_back(Reservation.ref(tenant, reservation), network))

    def _reserve(self, pick: Pick, call: _Call) -> Reservation:
        earlier = call.repeat.earlier() if call.repeat else None
        if earlier is not None:
            return _again(Ref(Reservation, earlier.pk, earlier.sk), call.form)
        now = self.clock().replace(microsecond=0)
        door = Door(pick.tenant, now=now)
        asked = _asked(pick, door, call.form, now)
        chosen = Choosing(door, self.holidays, now).choose(asked)
        call.admit()
        transaction = Transaction()
        held = keep(transaction, door, asked, chosen, until=now + KEPT, now=now)
        transaction.create(_entry(held, Action.TIME_RESERVED, now, call.network, call.by))
        if call.form:
            call.form.use(transaction)
        if call.repeat:
            call.repeat.remember(transaction, held, at=now)
        door.write(transaction)
        transaction.commit()
        return held

    def _give_back(self, ref: Ref[Reservation], network: str) -> None:
        now, held = self.clock().replace(microsecond=0), fetch(ref, consistent=True)
        if held is None:
            raise LinkInvalidError("The reservation is over.")
        door, transaction = Door(held.tenant, now=now), Transaction()
        door.release(claim_of_reservation(held))
        door.write(transaction)
        transaction.delete(held)
        transaction.create(_entry(held, Action.RESERVATION_RETURNED, now, network))
        transaction.commit()


def keep(
    transaction: Transaction, door: Door, asked: Asked, chosen: Chosen, *, until: datetime, now: datetime
) -> Reservation:
    """Keeps a time until an instant for whoever gets to know the id of the reservation."""
    ref = Reservation.ref(asked.service.tenant, new_id(now))
    held = Reservation(ref.pk, ref.sk, service=asked.service.id, expert=chosen.expert, until=until, group=chosen.group)
    held.others, held.resources = set(chosen.others) or None, set(chosen.resources) or None
    held.starts_at, held.duration = asked.starts_at.astimezone(UTC), asked.duration
    held.blocked_from = datetime.fromtimestamp(chosen.interval.start * 60, UTC)
    held.blocked_until = datetime.fromtimestamp(chosen.interval.end * 60, UTC)
    door.hold(chosen.claim(held.id, until=until, counts=True))
    transaction.create(held)
    return held


def claim_of_reservation(held: Reservation) -> Claim:
    """The time that it keeps."""
    return Claim(
        owner=held.id,
        calendars=held.calendars,
        interval=interval(held.blocked_from, held.blocked_until),
        until=held.until,
        group=int(held.group),
        kept=Kept(service=held.service, starts_at=held.starts_at, minutes=int(held.duration)),
    )


def _asked(pick: Pick, door: Door, form: FormUse | None, now: datetime) -> Asked:
    """What is asked for, of a business that can be booked."""
    tenant_ref = Tenant.ref(pick.tenant)
    door.want_service(pick.service)
    found = fetch_all([tenant_ref, *([form.ref] if form else ()), *door.refs()], consistent=True)
    door.take(found)
    if form:
        form.check(found.get(form.ref))
    check_open(found, pick.tenant, now=now)
    check_ahead(pick.starts_at, now=now)
    service = offered(door.service(pick.service))
    duration = duration_of(door.terms(service), pick.duration)
    return Asked(service=service, expert=pick.expert, starts_at=pick.starts_at, duration=duration)


def _again(ref: Ref[Reservation], form: FormUse | None) -> Reservation:
    """What the same request brought about before."""
    held = fetch(ref, consistent=True)
    if form:
        form.needless()
    if held is None:
        raise NotFoundError("The reservation of this request is over.")
    return held


def _entry(held: Reservation, action: Action, at: datetime, network: str, by: str = "") -> LedgerEntry:
    return LedgerEntry.of(held.tenant, action, at=at, actor=by or None, thing=held.service, network=network)
