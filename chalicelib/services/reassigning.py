"""The appointments that an expert has ahead go over to somebody else, or are cancelled, and customers are told.

Both go through the one door of booking: the sheets of both experts, the appointment, the messages and the entry in one
transaction. Whoever takes an appointment over must do its service, work then, and be free; the grid, the notice and the
horizon of the service were a matter of booking it.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import starmap

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import RestrictedError, SlotTakenError, TryAgainError
from chalicelib.domain.slots import Offer, is_start
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.availability import Availability
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Found, Ref, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.changing import supersede
from chalicelib.services.offering import FARTHEST, busy_of
from chalicelib.services.outbox import notify_customer, remind, unsent_of
from chalicelib.services.ports import Vault
from chalicelib.services.sessions import StaffSession
from chalicelib.services.sheets import Claim, Sheets, claim_of

_LOOKS, _PAUSE = 5, 0.2


@dataclass(frozen=True)
class Reassigning:
    """What becomes of the appointments of an expert who leaves."""

    vault: Vault
    clock: Clock

    def ahead(self, tenant: str, expert: str) -> list[Appointment]:
        """The confirmed appointments that have not begun. TryAgainError while the list lags behind the day sheets."""
        for number in range(_LOOKS):
            if number:
                time.sleep(_PAUSE)
            now = self._now()
            listed = Appointment.of_expert(tenant, expert, frm=now - timedelta(days=3), to=now + FARTHEST)
            if _on_sheets(tenant, expert, now) <= {each.id for each in listed}:
                return [each for each in listed if each.state is State.CONFIRMED and each.starts_at > now]
        raise TryAgainError

    def obstacles(self, appointments: Sequence[Appointment], to: str | None) -> list[str]:
        """The ids of those that can't go over to `to`, or can't be cancelled where that is None."""
        stay = [each for each in appointments if each.restricted_since is not None]
        if to is None or not appointments:
            return [each.id for each in stay]
        tenant = appointments[0].tenant
        sheets, hours_ref = Sheets(tenant, now=self._now()), Availability.ref(tenant, to)
        wanted = sheets.missing(*(_given(each, to) for each in appointments))
        services = {Service.ref(tenant, each.service) for each in appointments}
        found = fetch_all([hours_ref, *services, *starmap(sheets.ref, wanted)], consistent=True)
        sheets.take(wanted, found)
        return [each.id for each in appointments if each in stay or not self._fits(each, to, found, sheets)]

    def hand_over(self, caller: StaffSession, appointment: Appointment, to: str, *, network: str) -> None:
        """Gives an appointment to `to`. SlotTakenError when they can't take it, RestrictedError: nobody may change it.

        Nothing happens when it was handed over, cancelled, or has begun.
        """
        persist(lambda: self._hand_over(caller, appointment, to, network))

    def cancel(self, caller: StaffSession, appointment: Appointment, *, network: str) -> None:
        """Cancels it and tells the customer; it is kept for a week to say so. Nothing happens the second time."""
        persist(lambda: self._cancel(caller, appointment, network))

    def _hand_over(self, caller: StaffSession, listed: Appointment, to: str, network: str) -> None:
        now, held = self._now(), fetch(Ref(Appointment, listed.pk, listed.sk), consistent=True)
        if held is None or not _is_ahead(held, listed.expert, now):
            return
        hours_ref, service_ref = Availability.ref(held.tenant, to), Service.ref(held.tenant, held.service)
        sheets = Sheets(held.tenant, now=now)
        wanted = sheets.missing(claim_of(held), _given(held, to))
        found = fetch_all([hours_ref, service_ref, *starmap(sheets.ref, wanted), *unsent_of(held)], consistent=True)
        sheets.take(wanted, found)
        service, hours = found.need(service_ref, what="service"), found.get(hours_ref)
        if hours is None or not self._fits(held, to, found, sheets):
            raise SlotTakenError("Choose another expert for it.")
        transaction = Transaction()
        transaction.require(hours)
        sheets.release(claim_of(held))
        held.expert = to
        sheets.occupy(claim_of(held))
        sheets.write(transaction)
        supersede(transaction, held, found, now)
        remind(transaction, held, lead_minutes=int(service.reminder_minutes), zone=hours.expert_zone, now=now)
        notify_customer(transaction, held, "appointment-handed-over", now=now)
        transaction.update(held)
        transaction.create(_entry(caller, held, Action.APPOINTMENT_HANDED_OVER, now, network))
        transaction.commit()

    def _cancel(self, caller: StaffSession, listed: Appointment, network: str) -> None:
        now, held = self._now(), fetch(Ref(Appointment, listed.pk, listed.sk), consistent=True)
        if held is None or not _is_ahead(held, listed.expert, now):
            return
        sheets = Sheets(held.tenant, now=now)
        wanted = sheets.missing(claim_of(held))
        found = fetch_all([*starmap(sheets.ref, wanted), *unsent_of(held)], consistent=True)
        sheets.take(wanted, found)
        transaction = Transaction()
        sheets.release(claim_of(held))
        sheets.write(transaction)
        supersede(transaction, held, found, now)
        held.state, held.unsent, held.expert_left_at = State.CANCELLED, None, now
        notify_customer(transaction, held, "appointment-cancelled", now=now)
        transaction.update(held)
        transaction.create(_entry(caller, held, Action.APPOINTMENT_CANCELLED_BY_STAFF, now, network))
        transaction.commit()

    def _fits(self, held: Appointment, to: str, found: Found, sheets: Sheets) -> bool:
        service = found.get(Service.ref(held.tenant, held.service))
        hours = found.get(Availability.ref(held.tenant, to))
        if service is None or hours is None or to not in service.experts:
            return False
        busy = busy_of(sheets.of(to))
        return is_start(_as_booked(held), hours.rules(), busy, now=self._now(), start=held.starts_at)

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _as_booked(held: Appointment) -> Offer:
    """The appointment as something to be offered at any minute."""
    return Offer(
        duration=_minutes(held.ends_at - held.starts_at),
        step=1,
        buffer_before=_minutes(held.starts_at - held.blocked_from),
        buffer_after=_minutes(held.blocked_until - held.ends_at),
        notice=0,
        horizon_days=FARTHEST.days,
    )


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def _is_ahead(held: Appointment, expert: str, now: datetime) -> bool:
    """Whether it still is what it was listed as. RestrictedError when the customer had the processing restricted."""
    if held.restricted_since is not None:
        raise RestrictedError("Have the restriction lifted, or ask the customer to cancel.")
    return held.expert == expert and held.state is State.CONFIRMED and held.starts_at > now


def _given(held: Appointment, to: str) -> Claim:
    """Its time with another expert."""
    claim = claim_of(held)
    return replace(claim, calendars=(to, *claim.calendars[1:]))


def _on_sheets(tenant: str, expert: str, now: datetime) -> set[str]:
    """Whose time is on the sheets from today on: they are read as they are, while the list follows a moment later."""
    sheets = DaySheet.since(tenant, expert, now.astimezone(UTC).date())
    return {entry.owner for sheet in sheets for entry in sheet.content.entries}


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
