"""Legal holds: staff place and lift them. Whatever a hold covers is kept, and after its period kept out of use.

Placing writes the hold, with the marks that keep the person's and the business's keys, in one transaction; from then
on nothing of the person is deleted. The marks on everything else follow in batches (see `marking`). A run that was
killed between them is completed by the next call; what it left unmarked is protected by the hold itself.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import InvalidInputError, KeyDestroyedError, NotFoundError
from chalicelib.domain.ids import new_id
from chalicelib.domain.periods import years
from chalicelib.domain.states import HoldGround, Release
from chalicelib.records._base import Record
from chalicelib.records.customer import Customer
from chalicelib.records.hold import HeldPerson, Holds
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.legal_year import LegalYear
from chalicelib.records.marking import spread, to_mark
from chalicelib.records.one_person import all_entries
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.ports import Vault
from chalicelib.services.repeating import Repeatable
from chalicelib.services.sign_in.sessions import StaffSession

LONGEST = years(10)
MOST = 50
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be kept for which ground, why, and until when."""

    ground: HoldGround
    reason: str
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Hold:
    """One hold. The reason is gone when the person's key is."""

    id: str
    ground: HoldGround
    reason: str | None
    placed_by: str
    placed_at: datetime
    ends_at: datetime
    released_at: datetime | None
    released_by: str | None

    def over_at(self) -> datetime:
        """When it ends, or ended."""
        return self.released_at or self.ends_at


@dataclass(frozen=True)
class Holding:
    """Legal holds on customers."""

    vault: Vault
    clock: Clock

    def place(
        self, caller: StaffSession, customer: str, wanted: Wanted, *, network: str, repeat: Repeatable | None
    ) -> list[Hold]:
        """All holds on the customer, with the new one. NotFoundError for one who is unknown or past their period."""
        now = self._now()
        if not now < wanted.ends_at.astimezone(UTC) <= LONGEST.after(now, _UTC):
            raise InvalidInputError("Give an end in the future, at most ten years ahead.", field="ends_at")
        persist(lambda: self._place(caller, customer, wanted, network, repeat))
        for other in all_entries(caller.tenant, customer)[1:]:
            self.share(caller.tenant, customer, other)
        return self._completed(caller.tenant, customer)

    def lift(self, caller: StaffSession, customer: str, hold: str, because: Release, *, network: str) -> list[Hold]:
        """Ends a hold before its time; what only it kept is due at once. Lifted twice changes nothing more."""
        persist(lambda: self._lift(caller, customer, hold, because, network))
        for other in all_entries(caller.tenant, customer)[1:]:
            with suppress(NotFoundError):  # it was lifted after the two were parted, or never reached the other one
                persist(partial(self._lift, caller, other, hold, because, network))
            self._completed(caller.tenant, other)
        return self._completed(caller.tenant, customer)

    def share(self, tenant: str, one: str, other: str) -> None:
        """Has the holds on either entry of a person cover the other one, too. May be repeated."""
        for frm, to in ((one, other), (other, one)):
            if persist(partial(self._copy, tenant, frm, to)):
                self._completed(tenant, to)

    def holds(self, caller: StaffSession, customer: str, *, network: str) -> list[Hold]:
        """The holds on a customer, the oldest first. Every look is noted in the ledger."""
        noted = Transaction()
        noted.create(_entry(caller, Action.HOLDS_READ, customer, at=self._now(), network=network))
        noted.commit()
        if fetch(Holds.ref(caller.tenant, customer), consistent=True) is None:
            if to_mark(Customer.ref(caller.tenant, customer)) is None:
                raise NotFoundError("There is no such customer.")
            return []
        return self._completed(caller.tenant, customer)

    def _place(
        self, caller: StaffSession, customer: str, wanted: Wanted, network: str, repeat: Repeatable | None
    ) -> None:
        if repeat is not None and repeat.earlier() is not None:
            return
        now, tenant = self._now(), caller.tenant
        person, business = to_mark(Customer.ref(tenant, customer)), to_mark(Tenant.ref(tenant))
        if person is None or business is None:
            raise NotFoundError("There is no such customer.")
        transaction, hold = Transaction(), new_id(now)
        held = self._holds(tenant, customer, zone=business.zone)
        if len(held.holds) >= MOST:
            raise InvalidInputError("Lift what is not needed any more before you place another.", field="ends_at")
        held.holds = [*held.holds, _noted(hold, wanted, caller.staff, now)]
        held.reasons = {**(held.reasons or {}), hold: wanted.reason}
        self._settle(transaction, held, business, now)
        person.held_until = held.until
        transaction.mark(person)
        transaction.create(
            _entry(caller, Action.HOLD_PLACED, customer, at=now, network=network, hold=hold, ground=wanted.ground.value)
        )
        if repeat:
            repeat.remember(transaction, held, at=now)
        transaction.commit()

    def _copy(self, tenant: str, frm: str, to: str) -> bool:
        """Whether the entry `to` lacked holds that run on `frm`, and has them now."""
        now, given = self._now(), fetch(Holds.ref(tenant, frm), consistent=True)
        person, business = to_mark(Customer.ref(tenant, to)), to_mark(Tenant.ref(tenant))
        if given is None or person is None or business is None:
            return False
        self.vault.preload(tenant, [frm, to])
        held, transaction = self._holds(tenant, to, zone=business.zone), Transaction()
        there = {each["id"] for each in held.holds}
        new = [each for each in given.holds if each["id"] not in there and _read(each, None).over_at() > now]
        if not new:
            return False
        held.holds = [*held.holds, *new]
        held.reasons = {**(held.reasons or {}), **{each["id"]: given.reasons[each["id"]] for each in new}}
        self._settle(transaction, held, business, now)
        person.held_until = held.until
        transaction.mark(person)
        placed = {"at": now, "actor": new[-1]["placed_by"], "about": to, "counts": {"holds": len(new)}}
        transaction.create(LedgerEntry.of(tenant, Action.HOLD_PLACED, **placed))
        transaction.commit()
        return True

    def _lift(self, caller: StaffSession, customer: str, hold: str, because: Release, network: str) -> None:
        now, tenant = self._now(), caller.tenant
        held, business = fetch(Holds.ref(tenant, customer), consistent=True), to_mark(Tenant.ref(tenant))
        named = [each for each in held.holds if each["id"] == hold] if held else []
        if held is None or business is None or not named:
            raise NotFoundError("There is no such hold.")
        if _read(named[0], None).over_at() <= now:
            return
        released = {**named[0], "released_at": _written(now), "released_by": caller.staff}
        held.holds = [released if each["id"] == hold else each for each in held.holds]
        transaction = Transaction()
        self._settle(transaction, held, business, now)
        transaction.create(
            _entry(caller, Action.HOLD_LIFTED, customer, at=now, network=network, hold=hold, ground=because.value)
        )
        transaction.commit()

    def _holds(self, tenant: str, customer: str, *, zone: str) -> Holds:
        """The record of the person's holds; a new one where none has been."""
        ref, now = Holds.ref(tenant, customer), self._now()
        self.vault.preload(tenant, [customer])
        found = fetch(ref, consistent=True)
        return found or Holds(ref.pk, ref.sk, zone=zone, holds=[], until=now, marked_until=now, reasons={})

    def _settle(self, transaction: Transaction, held: Holds, business: Tenant, now: datetime) -> None:
        """Writes until when the person, and so the business, is held."""
        held.until = max((_read(each, None).over_at() for each in held.holds), default=now)
        held.marked_until = max(held.marked_until, held.until)
        _put(transaction, held)
        ref = HeldPerson.ref(held.tenant, held.subject)
        others = [each for each in HeldPerson.all_of(held.tenant) if each.sk != ref.sk]
        noted = fetch(ref, consistent=True) or HeldPerson(ref.pk, ref.sk, zone=business.zone)
        noted.until = noted.hold_ends_at = held.until
        _put(transaction, noted)
        latest = max([held.until, *(each.until for each in others)])
        business.held_until = latest if latest > now else None
        transaction.mark(business)

    def _completed(self, tenant: str, customer: str) -> list[Hold]:
        """Sees to it that every record carries the marks that follow from the holds, and says what they are."""
        now = self._now()
        held = spread(Holds.ref(tenant, customer), lambda holds, record: _mark(holds, record, now), also=_year_of)
        if held is None:
            return []
        if held.marked_until != held.until:
            held.marked_until = held.until
            transaction = Transaction()
            transaction.mark(held)
            with suppress(LostRaceError):  # somebody else placed or lifted one: they see to the marks
                transaction.commit()
        return self._told(held)

    def _told(self, held: Holds) -> list[Hold]:
        try:
            self.vault.preload(held.tenant, [held.subject])
            reasons: dict[str, str] = held.reasons or {}
        except KeyDestroyedError:
            reasons = {}
        return [_read(each, reasons.get(each["id"])) for each in held.holds]

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)


def _mark(holds: Holds, record: Record, now: datetime) -> bool:
    """Gives a record the mark that follows from the holds, if it carries another."""
    wanted, carried = _running(holds.until, now), _running(record.held_until, now)
    if isinstance(record, LegalYear) and carried is not None:
        # It is everybody's of that year and says nothing about anybody: it may outlive a hold, but not fall short.
        wanted = max(carried, wanted or carried)
    if wanted == carried:
        return False
    record.held_until = wanted
    return True


def _running(until: datetime | None, now: datetime) -> datetime | None:
    return until if until is not None and until > now else None


def _year_of(record: Record) -> Iterable[Ref[Any]]:
    """The year whose key opens the record, where it is not the person's."""
    year = LegalYear.of_key(record)
    return () if year is None else (year,)


def _put(transaction: Transaction, record: Record) -> None:
    if record.version is None:
        transaction.create(record)
    else:
        transaction.mark(record)


def _noted(hold: str, wanted: Wanted, staff: str, now: datetime) -> dict[str, str | None]:
    """A hold as it is stored, without its reason."""
    return {
        "id": hold,
        "ground": wanted.ground.value,
        "placed_by": staff,
        "placed_at": _written(now),
        "ends_at": _written(wanted.ends_at),
        "released_at": None,
        "released_by": None,
    }


def _read(noted: dict[str, Any], reason: str | None) -> Hold:
    released = noted["released_at"]
    return Hold(
        id=noted["id"],
        ground=HoldGround(noted["ground"]),
        reason=reason,
        placed_by=noted["placed_by"],
        placed_at=datetime.fromisoformat(noted["placed_at"]),
        ends_at=datetime.fromisoformat(noted["ends_at"]),
        released_at=datetime.fromisoformat(released) if released else None,
        released_by=noted["released_by"],
    )


def _written(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def _entry(
    caller: StaffSession,
    action: Action,
    customer: str,
    *,
    at: datetime,
    network: str,
    hold: str | None = None,
    ground: str | None = None,
) -> LedgerEntry:
    return LedgerEntry.of(
        caller.tenant, action, at=at, actor=caller.staff, about=customer, thing=hold, network=network, ground=ground
    )
