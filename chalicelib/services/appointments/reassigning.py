"""The appointments that an expert who leaves has ahead go over to somebody else, or are cancelled; customers are told.

All of it goes through the one door. Whoever takes an appointment over must do its service, work then, and be free; the
grid, the notice and the horizon of the service were a matter of booking it.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import RestrictedError, SlotTakenError, TryAgainError
from chalicelib.domain.slots import Offer, is_start
from chalicelib.domain.wall_time import MINUTE
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.participation import Participation
from chalicelib.records.proposal import Proposal
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.appointments.changing import supersede
from chalicelib.services.booking._beginning import tell_handed_over
from chalicelib.services.booking.pending import ask_expert
from chalicelib.services.door.door import Door, experts_of
from chalicelib.services.door.offers import FARTHEST
from chalicelib.services.door.sheets import Claim, claim_of
from chalicelib.services.door.working import working
from chalicelib.services.outbox import notify_customer, unsent_of
from chalicelib.services.paying.notes import note_refund, payment_of
from chalicelib.services.ports import PublicHolidays, Vault
from chalicelib.services.sign_in.sessions import StaffSession

_LOOKS, _PAUSE = 5, 0.2
_BACK = timedelta(days=3)
_NOBODY = ""


@dataclass(frozen=True)
class Reassigning:
    """What becomes of the appointments of an expert who leaves, as the first one or beside another."""

    vault: Vault
    clock: Clock
    holidays: PublicHolidays

    def ahead(self, tenant: str, leaving: str) -> list[Appointment]:
        """Those that hold time and have not begun. TryAgainError while the lists lag behind the day sheets.

        What stands there for a while only may be a reservation, which is in no list and ends by itself.
        """
        for number in range(_LOOKS):
            if number:
                time.sleep(_PAUSE)
            now = self._now()
            listed = _listed(tenant, leaving, now)
            proposed = {each.id for each in Proposal.of_expert(tenant, leaving)}
            on_sheets, known = _on_sheets(tenant, leaving, now), {each.id for each in listed} | proposed
            if all(owner in known or (lapses and number == _LOOKS - 1) for owner, lapses in on_sheets.items()):
                return [each for each in listed if each.state.holds_time and each.starts_at > now]
        raise TryAgainError

    def obstacles(self, appointments: Sequence[Appointment], leaving: str, to: str | None) -> list[str]:
        """The ids of those that can't go over to `to`, or can't be cancelled where that is None."""
        stay = [each for each in appointments if each.restricted_since is not None]
        if to is None or not appointments:
            return [each.id for each in stay]
        door = Door(appointments[0].tenant, now=self._now())
        for each in appointments:
            self._want(door, each, leaving, to)
        door.read()
        return [each.id for each in appointments if each in stay or not self._can_go(each, leaving, to, door)]

    def hand_over(self, caller: StaffSession, appointment: Appointment, leaving: str, to: str, *, network: str) -> None:
        """Gives an appointment to `to`. SlotTakenError when they can't take it, RestrictedError: nobody may change it.

        Nothing happens when it was handed over, cancelled, or has begun.
        """
        persist(lambda: self._hand_over(caller, appointment, leaving, to, network))

    def cancel(self, caller: StaffSession, appointment: Appointment, leaving: str, *, network: str) -> None:
        """Cancels it and tells the customer; it is kept for a week to say so. Nothing happens the second time."""
        persist(lambda: self._cancel(caller, appointment, leaving, network))

    def _hand_over(self, caller: StaffSession, listed: Appointment, leaving: str, to: str, network: str) -> None:
        now, held = self._now(), fetch(Ref(Appointment, listed.pk, listed.sk), consistent=True)
        if held is None or not _is_ahead(held, leaving, now):
            return
        door = Door(held.tenant, now=now)
        door.want(held)
        self._want(door, held, leaving, to)
        found = fetch_all([*door.refs(), *unsent_of(held)], consistent=True)
        door.take(found)
        service = door.service(held.service)
        if service is None or not self._can_go(held, leaving, to, door):
            raise SlotTakenError("Choose another expert for it.")
        transaction = Transaction()
        door.leave(held, service, offered=False)
        is_first = held.expert == leaving
        _replace(held, leaving, to, now)
        door.enter(held, service)
        if is_first:  # of who comes along customers are told nothing
            supersede(transaction, held, found, now)
            tell_handed_over(transaction, door, held, service, now=now)
        elif held.state is State.PENDING:
            ask_expert(transaction, held, to, now=now)
        door.write(transaction)
        transaction.update(held)
        transaction.create(_entry(caller, held, Action.APPOINTMENT_HANDED_OVER, now, network))
        transaction.commit()

    def _cancel(self, caller: StaffSession, listed: Appointment, leaving: str, network: str) -> None:
        now, held = self._now(), fetch(Ref(Appointment, listed.pk, listed.sk), consistent=True)
        if held is None or not _is_ahead(held, leaving, now):
            return
        door = Door(held.tenant, now=now)
        door.want(held)
        found = fetch_all([*door.refs(), *unsent_of(held), *payment_of(held)], consistent=True)
        door.take(found)
        transaction = Transaction()
        door.leave(held, door.service(held.service), offered=False)
        note_refund(transaction, held, found, None, now=now)
        supersede(transaction, held, found, now)
        held.state, held.lapses_at, held.unsent, held.expert_left_at = State.CANCELLED, None, None, now
        door.write(transaction)
        notify_customer(transaction, held, "appointment-cancelled", now=now)
        transaction.update(held)
        transaction.create(_entry(caller, held, Action.APPOINTMENT_CANCELLED_BY_STAFF, now, network))
        transaction.commit()

    def _want(self, door: Door, held: Appointment, leaving: str, to: str) -> None:
        door.want_service(held.service)
        door.want_hours([to])
        door.want_premises()
        door.want_time(_given(held, leaving, to))

    def _can_go(self, held: Appointment, leaving: str, to: str, door: Door) -> bool:
        """Whether somebody does the service, takes no part yet, works then, is free, and has not reached a cap."""
        service, hours, at = door.service(held.service), door.hours(to), held.starts_at
        if service is None or hours is None or to not in service.experts or to in experts_of(held):
            return False
        rules, closed = working(
            hours, door.premises, door.terms(service), holidays=self.holidays, frm=at, to=at + MINUTE
        )
        works = is_start(_as_booked(held), rules, closed, now=self._now(), start=at)
        claim = replace(_given(held, leaving, to), calendars=(to,), seats=int(service.seats))
        minutes = (held.ends_at - held.starts_at) // MINUTE
        allowed = door.counts.allow(door.counting(service, to, at), owner=held.id, minutes=minutes)
        return works and allowed and door.sheets.are_free(claim)

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _replace(held: Appointment, leaving: str, to: str, now: datetime) -> None:
    """Puts somebody in the place of who leaves, of whom nothing stays behind, not even that they had it once."""
    if held.expert == leaving:
        held.give_to(to, now)
        held.earlier = [[_NOBODY if who == leaving else who, until] for who, until in held.earlier]
    else:
        held.others = set(held.others or ()) - {leaving} | {to}
        held.disagree(leaving)


def _as_booked(held: Appointment) -> Offer:
    """The appointment as something to be offered at any minute."""
    return Offer(
        duration=(held.ends_at - held.starts_at) // MINUTE,
        step=1,
        buffer_before=(held.starts_at - held.blocked_from) // MINUTE,
        buffer_after=(held.blocked_until - held.ends_at) // MINUTE,
        notice=0,
        horizon_days=FARTHEST.days,
    )


def _is_ahead(held: Appointment, leaving: str, now: datetime) -> bool:
    """Whether it still is what it was listed as. RestrictedError when the customer had the processing restricted."""
    if held.restricted_since is not None:
        raise RestrictedError("Have the restriction lifted, or ask the customer to cancel.")
    return leaving in experts_of(held) and held.state.holds_time and held.starts_at > now


def _given(held: Appointment, leaving: str, to: str) -> Claim:
    """Its time with another expert."""
    claim = claim_of(held)
    return replace(claim, calendars=tuple(to if each == leaving else each for each in claim.calendars))


def _listed(tenant: str, expert: str, now: datetime) -> list[Appointment]:
    """What stands in the lists of an expert: as the first one, or beside another."""
    frm, to = now - _BACK, now + FARTHEST
    own = Appointment.of_expert(tenant, expert, frm=frm, to=to)
    places = Participation.of_expert(tenant, expert, frm=frm, to=to)
    refs = [Appointment.ref(tenant, each.subject, each.appointment) for each in places]
    found = fetch_all(refs, consistent=True)
    beside = [each for ref in refs if (each := found.get(ref)) is not None]
    return [*own, *(each for each in beside if expert in experts_of(each))]


def _on_sheets(tenant: str, expert: str, now: datetime) -> dict[str, bool]:
    """Whose time is on the sheets from today on, and whether it ends by itself.

    Sheets are read as they are, while lists follow a moment later.
    """
    sheets = DaySheet.since(tenant, expert, now.astimezone(UTC).date())
    return {each.owner: each.until > 0 for sheet in sheets for each in sheet.content.live(now).entries}


def _entry(caller: StaffSession, held: Appointment, action: Action, at: datetime, network: str) -> LedgerEntry:
    counts = {"starts_at": int(held.starts_at.timestamp())}
    return LedgerEntry.of(
        held.tenant,
        action,
        at=at,
        actor=caller.staff,
        about=held.subject,
        thing=held.id,
        network=network,
        counts=counts,
    )
