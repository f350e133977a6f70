"""A member of staff is deleted, with everything that is theirs.

1. Looked at: if appointments ahead are to be handed over and one can't be, nothing is done at all.
2. Begun, in one transaction: the member has left, the claim of their address, what they sign in with, their sessions
   and their hours are gone. From here on nobody signs in as them and nobody books them; whoever was about to loses the
   race. The team remembers that their deletion is not finished.
3. What they proposed to customers is withdrawn, and appointments ahead are handed over or cancelled, one by one.
4. Linked calendars are unlinked, which their providers hear of.
5. Everything else is deleted: photo, description, past appointments, sheets, messages, invitations, their place in
   services.
6. Finished, in one transaction: the record that stands for them and their key, so that backups become unreadable too.

Each step may be repeated. A second call goes on where a first one was killed, and if nobody calls again, the sweep ends
the person's own record with its files and its key.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    NotHandedOverError,
    RestrictedError,
    SlotTakenError,
)
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.roles import ADMIN, OPERATOR
from chalicelib.records._base import Standing
from chalicelib.records.appointment import Appointment
from chalicelib.records.availability import Availability
from chalicelib.records.credentials import Credentials, EmailChange
from chalicelib.records.ending import files_of, kind_of
from chalicelib.records.hold import Holds
from chalicelib.records.keys import SubjectKey
from chalicelib.records.leaving import belongings
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.participation import Participation
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.session import Session
from chalicelib.records.staff import Acceptance, Staff, StaffAddress
from chalicelib.records.team import Invitation, Team
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.appointments.reassigning import Reassigning
from chalicelib.services.booking.withdrawing import Withdrawing
from chalicelib.services.calendars.unlinking import Unlinking
from chalicelib.services.door.offers import FARTHEST
from chalicelib.services.ports import Files, Vault
from chalicelib.services.sign_in.asking import STAFF_ADDRESS
from chalicelib.services.sign_in.sessions import StaffSession, discard_all
from chalicelib.services.staff.team import check_not_last_admin, check_still_runs, team_of

_T = TypeVar("_T")
_AT_ONCE = 40  # appointments in a transaction: each with its person's holds, beside the entry
_SINCE = datetime(2020, 1, 1, tzinfo=UTC)  # before the first appointment that could be stored
_KEPT = "kept"

_OTHERWISE = "Choose another expert, cancel or move these, or have all of them cancelled."


@dataclass(frozen=True)
class DeletingStaff:
    """Deletes members of staff."""

    vault: Vault
    clock: Clock
    reassigning: Reassigning
    files: Callable[[], Files]
    unlinking: Unlinking
    withdrawing: Withdrawing

    def delete(self, caller: StaffSession, staff: str, *, hand_over_to: str | None, network: str) -> Counter[str]:
        """How many records of which kind are gone. Without `hand_over_to` the appointments ahead are cancelled.

        Admins delete everybody, others themselves. NotHandedOverError names what stands in the way; if the deletion had
        begun by then, calling again with another choice goes on. ConflictError for the last admin.
        """
        if caller.scopes is not None or (staff != caller.staff and not caller.roles & {ADMIN, OPERATOR}):
            raise NotAllowedError("Admins delete members of staff; everybody may delete themselves.")
        if not persist(lambda: self._is_leaving(caller.tenant, staff)):
            self._check(caller.tenant, staff, hand_over_to)
            persist(lambda: self._begin(caller, staff, network))
        self._settle(caller, staff, hand_over_to, network)
        unlinked = self.unlinking.unlink_all(caller.tenant, staff, actor=caller.staff, network=network)
        counts = self._erase(caller.tenant, staff) + Counter({"CALENDAR-LINK": unlinked})
        persist(lambda: self._finish(caller, staff, counts, network))
        self.vault.forget(caller.tenant, staff)
        return counts

    def _is_leaving(self, tenant: str, staff: str) -> bool:
        team = team_of(fetch(Team.ref(tenant), consistent=True))
        if staff not in team.members and staff not in (team.leaving or {}):
            raise NotFoundError("There is no such member of staff.")
        check_not_last_admin(team, staff)
        return staff not in team.members

    def _check(self, tenant: str, staff: str, to: str | None) -> None:
        """Whether all that is ahead can be handed over or cancelled."""
        if to == staff or (to is not None and fetch(Staff.ref(tenant, to), consistent=True) is None):
            raise InvalidInputError("Name another member of staff.", field="future_appointments.hand_over_to")
        stay = self.reassigning.obstacles(self.reassigning.ahead(tenant, staff), staff, to)
        if stay:
            raise NotHandedOverError(_OTHERWISE, appointments=stay)

    def _begin(self, caller: StaffSession, staff: str, network: str) -> None:
        tenant, now = caller.tenant, self._now()
        team_ref, ref = Team.ref(tenant), Staff.ref(tenant, staff)
        found = fetch_all([team_ref, ref], consistent=True)
        member, team = found.get(ref), team_of(found.get(team_ref))
        if member is None or staff not in team.members:  # somebody else began this very moment
            return
        if staff != caller.staff:
            check_still_runs(team, caller)
        check_not_last_admin(team, staff)
        self.vault.tenant_ready(INSTALLATION)
        index = self.vault.index(INSTALLATION, STAFF_ADDRESS, member.email.casefold())
        team.begin_to_leave(staff, now)
        member.left_at = now
        transaction = Transaction()
        transaction.update(team)
        transaction.update(member)
        transaction.require_unheld(Holds.ref(tenant, staff))
        gone: list[Ref[Any]] = [StaffAddress.ref(index), Availability.ref(tenant, staff)]
        gone += [Credentials.ref(tenant, staff), EmailChange.ref(tenant, staff)]
        for each in (*gone, *_refs(Acceptance.all_of(tenant, staff))):
            transaction.discard(each)
        discard_all(transaction, Session.all_of(tenant, staff)[:50])
        transaction.create(_entry(caller, Action.STAFF_DELETED, staff, now, network))
        transaction.commit()

    def _settle(self, caller: StaffSession, staff: str, to: str | None, network: str) -> None:
        """Hands over or cancels what is ahead; what was booked or proposed since it was looked at is among it."""
        stay, ahead = [], self.reassigning.ahead(caller.tenant, staff)
        self.withdrawing.withdraw_all(caller, staff, network=network)
        for each in ahead:
            try:
                if to is None:
                    self.reassigning.cancel(caller, each, staff, network=network)
                else:
                    self.reassigning.hand_over(caller, each, staff, to, network=network)
            except (SlotTakenError, RestrictedError):
                stay.append(each.id)
        if stay:
            raise NotHandedOverError(_OTHERWISE, appointments=stay)

    def _erase(self, tenant: str, staff: str) -> Counter[str]:
        counts: Counter[str] = Counter()
        member = Staff.ref(tenant, staff)
        self.files().delete_all(prefix=files_of(member.pk, member.sk))
        for some in _chunks(self._past(tenant, staff), _AT_ONCE):
            counts += persist(partial(self._erase_past, some, staff))
        for place in Participation.of_expert(tenant, staff, frm=_SINCE, to=self._now() + FARTHEST):
            persist(partial(_take_from, place, staff))
        sent = [each for each in Invitation.all_of(tenant) if each.invited_by == staff]
        for refs in _chunks([*belongings(tenant, staff), *_refs(sent)], 2 * _AT_ONCE):
            transaction = Transaction()
            for ref in refs:
                transaction.discard(ref)
            transaction.commit()
            counts.update(kind_of(ref.pk, ref.sk) for ref in refs)
        for service in Service.all_of(tenant):
            persist(partial(self._take_out, Service.ref(tenant, service.id), staff))
        for hours in Availability.all_of(tenant):
            persist(partial(_stand_down, Availability.ref(tenant, hours.expert), staff))
        return counts

    def _past(self, tenant: str, staff: str) -> list[Appointment]:
        """What has begun or was cancelled, but for what is kept for a week to say that it is cancelled."""
        now = self._now()
        listed = Appointment.of_expert(tenant, staff, frm=_SINCE, to=now + FARTHEST + timedelta(days=1))
        return [each for each in listed if _is_past(each, now)]

    def _erase_past(self, some: Sequence[Appointment], staff: str) -> Counter[str]:
        """Deletes appointments. What a customer had restricted, or a legal hold keeps, stays until that ends."""
        now, refs = self._now(), _refs(some)
        holds = {each.pk: Holds.ref(each.tenant, each.subject) for each in some}
        found = fetch_all([*refs, *holds.values()], consistent=True)
        current = [each for ref in refs if (each := found.get(ref)) is not None and each.expert == staff]
        over = [each for each in current if _is_past(each, now)]
        held = {pk for pk, ref in holds.items() if (hold := found.get(ref)) is not None and hold.until > now}
        going = [each for each in over if each.standing() is Standing.LIVE and each.pk not in held]
        transaction = Transaction()
        for pk in {each.pk for each in going}:
            transaction.require_unheld(holds[pk])
        for each in going:
            transaction.delete(each)
        if len(transaction):
            transaction.commit()
        return Counter({"APPOINTMENT": len(going), _KEPT: len(over) - len(going)})

    def _take_out(self, ref: Ref[Service], staff: str) -> None:
        service = fetch(ref, consistent=True)
        if service is None or staff not in {*service.experts, *service.weights, *service.joined}:
            return
        service.experts = set(service.experts) - {staff}
        for each in (service.weights, service.joined):
            each.pop(staff, None)
        transaction = Transaction()
        transaction.update(service)
        transaction.commit()

    def _finish(self, caller: StaffSession, staff: str, counts: Counter[str], network: str) -> None:
        tenant = caller.tenant
        team = team_of(fetch(Team.ref(tenant), consistent=True))
        if staff not in (team.leaving or {}):  # somebody else finished it
            return
        team.finish_leaving(staff)
        counts["STAFF"] = 1
        told = {kind: number for kind, number in sorted(counts.items()) if number}
        transaction = Transaction()
        transaction.update(team)
        transaction.discard(Staff.ref(tenant, staff))
        transaction.discard(SubjectKey.ref(tenant, staff))
        transaction.create(_entry(caller, Action.STAFF_ERASED, staff, self._now(), network, counts=told))
        transaction.commit()

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _stand_down(ref: Ref[Availability], staff: str) -> None:
    """Takes somebody out of the absences of a colleague in which they were to stand in."""
    hours = fetch(ref, consistent=True)
    if hours is None or not hours.forget(staff):
        return
    transaction = Transaction()
    transaction.update(hours)
    transaction.commit()


def _take_from(place: Participation, staff: str) -> None:
    """Takes somebody out of an appointment that is over and had another expert first."""
    held = fetch(Appointment.ref(place.tenant, place.subject, place.appointment), consistent=True)
    transaction = Transaction()
    transaction.discard(Ref(Participation, place.pk, place.sk))
    if held is not None and staff in (held.others or ()):
        held.others = set(held.others or ()) - {staff} or None
        held.disagree(staff)
        transaction.mark(held)
    transaction.commit()


def _is_past(held: Appointment, now: datetime) -> bool:
    return held.expert_left_at is None and (held.starts_at <= now or not held.state.holds_time)


def _refs(records: Sequence[Any]) -> list[Ref[Any]]:
    return [Ref(type(each), each.pk, each.sk) for each in records]


def _chunks(all_of: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (all_of[at : at + size] for at in range(0, len(all_of), size))


def _entry(
    caller: StaffSession,
    action: Action,
    staff: str,
    at: datetime,
    network: str,
    *,
    counts: dict[str, int] | None = None,
) -> LedgerEntry:
    return LedgerEntry.of(caller.tenant, action, at=at, actor=caller.staff, about=staff, network=network, counts=counts)
