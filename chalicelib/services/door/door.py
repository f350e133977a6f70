"""The one door: the only way in which the time of an appointment is taken, given back or changed.

Whoever makes, moves, confirms, hands over or ends an appointment

1. says what it is about, `want(appointment)`, and `want_list(appointment)` where its time is about to be given back,
   and reads it with other things: `found = door.fetch([...])`. What was not wanted in advance is read when it is
   needed, by a round trip more;
2. changes it: `leave`, set the fields, `enter`; or only `leave`, or only `enter`; or `stay`, where nothing changes but
   the state, such as by a confirmation. SlotTakenError when the time, a seat, a room or a cap does not allow it;
3. calls `write`, which adds to the transaction the sheets of all experts and rooms, the counts that caps and fairness
   go by, the places in the lists of further experts, and what experts' own calendars have to be told: all of it under
   the versions that were read. Whoever stops working takes a record along that is required, so that nothing slips in.
   The appointment itself, messages and entries are up to the caller, in the same transaction.

Time that is only kept for somebody (a `Claim` without an appointment) goes through `hold` and `release`. Where it says
what it is `kept` for, it counts towards caps until it is booked, lapses or is given back: what is kept can be booked.
"""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import product, starmap
from typing import Any, TypedDict, TypeVar

from chalicelib.domain.errors import SlotTakenError
from chalicelib.domain.terms import Terms
from chalicelib.domain.wall_time import MINUTE
from chalicelib.records._base import Record
from chalicelib.records.appointment import Appointment
from chalicelib.records.availability import Availability
from chalicelib.records.cap_count import CapCount
from chalicelib.records.participation import Participation
from chalicelib.records.premises import Premises
from chalicelib.records.reading import Found, Ref
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services._wide import fetch_wide
from chalicelib.services.door.calendar_notes import note_news
from chalicelib.services.door.counting import Counting, Counts
from chalicelib.services.door.freeing import Freeing, can_be_offered
from chalicelib.services.door.sheets import Claim, Kept, Sheets, claim_of

R = TypeVar("R", bound=Record)


class Door:
    """What one change of a tenant's appointments reads and writes, as it stands at `now`."""

    def __init__(self, tenant: str, *, now: datetime) -> None:
        self.sheets, self.counts = Sheets(tenant, now=now), Counts()
        self._tenant, self._now = tenant, now
        self._days: set[tuple[str, date]] = set()
        self._wanted: dict[Ref[Any], None] = {}
        self._held: dict[Ref[Any], Any] = {}
        self._terms: dict[str, Terms] = {}
        self._working: set[str] = set()
        self._passed: dict[str, tuple[Appointment, set[str]]] = {}
        self._freeing = Freeing(now=now)

    def want(self, *appointments: Appointment) -> None:
        """The sheets of their time, the hours of their experts, their services and their places in further lists."""
        for each in appointments:
            self.want_time(claim_of(each))
            self.want_hours(experts_of(each))
            self.want_service(each.service)
            if each.version:
                self._want(*(_place(each, other) for other in sorted(each.others or ())))

    def want_time(self, *claims: Claim) -> None:
        """The sheets that claims touch."""
        self._days |= self.sheets.missing(*claims)

    def want_days(self, calendars: Iterable[str], days: Iterable[date]) -> None:
        """The sheets of experts and rooms on some days."""
        self._days |= self.sheets.unknown(product(calendars, days))

    def want_hours(self, experts: Iterable[str]) -> None:
        """When experts work."""
        self._want(*(Availability.ref(self._tenant, each) for each in experts))

    def want_service(self, service: str) -> None:
        """A service."""
        self._want(Service.ref(self._tenant, service))

    def want_premises(self) -> None:
        """Where the business works, and when it is closed."""
        self._want(Premises.ref(self._tenant))

    def want_counts(self, service: Service, experts: Iterable[str], at: datetime) -> None:
        """What counts towards the caps of a service; an expert whose hours are not known yet is supposed at home."""
        self._want(*self.counts.missing(*(self._where(service, each, at) for each in experts)))

    def want_list(self, appointment: Appointment) -> None:
        """Whether somebody waits for the time that an appointment is about to give back."""
        self._freeing.want(appointment)

    def refs(self) -> list[Ref[Any]]:
        """Where lies what is wanted and was not read yet."""
        return [*starmap(self.sheets.ref, sorted(self._days)), *self._wanted]

    def take(self, found: Found) -> None:
        """Takes in what was read at `refs`."""
        self.sheets.take(self._days, found)
        self.counts.take([ref for ref in self._wanted if ref.record is CapCount], found, now=self._now)
        self._held |= {ref: found.get(ref) for ref in self._wanted}
        self._days, self._wanted = set(), {}

    def fetch(self, refs: Iterable[Ref[Any]] = ()) -> Found:
        """Reads what is wanted and what lies at `refs`, in one round trip."""
        wanted = [*refs, *self.refs()]
        found = self._freeing.read(lambda: fetch_wide(wanted))
        self.take(found)
        return found

    def read(self) -> None:
        """Reads what is wanted, if there is anything, by itself."""
        if self._days or self._wanted or self._freeing.wants:
            self.fetch()

    def service(self, service: str) -> Service | None:
        """A service; None when it is gone."""
        return self._get(Service.ref(self._tenant, service))

    def hours(self, expert: str) -> Availability | None:
        """The hours of an expert; None for one who has none or has left."""
        return self._get(Availability.ref(self._tenant, expert))

    @property
    def premises(self) -> Premises | None:
        """Where the business works, and when it is closed; None when it said nothing about that."""
        return self._get(Premises.ref(self._tenant))

    def terms(self, service: Service) -> Terms:
        """The terms of a service, read from the record once."""
        return self._terms.setdefault(service.id, service.terms())

    def counting(self, service: Service, expert: str, at: datetime) -> Counting:
        """Where an appointment of a service counts; to be asked of `counts`."""
        self.hours(expert)
        self.want_counts(service, [expert], at)
        self.read()
        return self._where(service, expert, at)

    def enter(self, appointment: Appointment, service: Service) -> None:
        """Takes its time. SlotTakenError when somebody else has it, an expert has left, or a cap is reached."""
        self._prepare(appointment, service)
        if any(self.hours(each) is None for each in experts_of(appointment)):
            raise SlotTakenError("Choose another expert: this one offers no times.", field="starts_at")
        self.sheets.occupy(claim_of(appointment, seats=int(service.seats)))
        if not all(self.counts.allow(each, **_counted(appointment)) for each in self._wheres(appointment, service)):
            raise SlotTakenError("Choose another day: no more of these appointments are taken.", field="starts_at")
        self._working.update(experts_of(appointment))
        self._pass(appointment, service)

    def leave(self, appointment: Appointment, service: Service | None, *, offered: bool = True) -> None:
        """Gives its time back; those who wait for one are asked first, if it may be `offered` again."""
        self._prepare(appointment, service)
        claim = claim_of(appointment)
        self.sheets.release(claim)
        self._touch(appointment)
        if service is None:
            return
        for each in self._wheres(appointment, service):
            self.counts.remove(each, owner=appointment.id)
        if offered and can_be_offered(appointment, service, now=self._now):
            self._freeing.want(appointment)
            self.read()
            self._freeing.give_back(appointment, service, claim)

    def stay(self, appointment: Appointment, service: Service) -> None:
        """Keeps its time for longer, or for good. SlotTakenError when it had lapsed and somebody else has it by now."""
        self._prepare(appointment, service)
        claim = claim_of(appointment, seats=int(service.seats))
        if self.sheets.holds(claim):
            self.sheets.renew(claim)
            self._pass(appointment, service)
        else:
            self.sheets.release(claim)
            self.enter(appointment, service)

    def hold(self, claim: Claim) -> None:
        """Takes time for what is no appointment. SlotTakenError when it is not free."""
        self._want_kept(claim)
        self.read()
        self.sheets.occupy(claim)
        if claim.kept and claim.until:
            for each in self._kept(claim, claim.kept):
                self.counts.keep(each, owner=claim.owner, minutes=claim.kept.minutes, until=claim.until)

    def release(self, claim: Claim) -> None:
        """Gives such time back."""
        self._want_kept(claim)
        self.read()
        self.sheets.release(claim)
        self.counts.release(claim.owner)
        if claim.kept:
            self._kept(claim, claim.kept)

    def writes(self) -> int:
        """How many writes `write` adds for what was entered so far: what it takes of the room in a transaction."""
        places = sum(len(appointment.others or ()) for appointment, _ in self._passed.values())
        taking_part = (self.hours(each) for _, experts in self._passed.values() for each in experts)
        news = sum(hours is not None and bool(hours.linked) for hours in taking_part)
        return self.sheets.writes() + self.counts.writes() + len(self._working) + places + news

    def write(self, transaction: Transaction) -> None:
        """Adds all that follows to the transaction. Once, when the appointments are as they are to be written."""
        self._freeing.write(transaction, self.sheets, self.hold)
        self.sheets.write(transaction)
        self.counts.write(transaction)
        for expert in sorted(self._working):
            transaction.require(self._held[Availability.ref(self._tenant, expert)])
        for appointment, experts in self._passed.values():
            note_news(transaction, appointment, map(self.hours, sorted(experts)), now=self._now)
            for other in sorted(experts):
                self._list(transaction, appointment, other)

    def _list(self, transaction: Transaction, appointment: Appointment, other: str) -> None:
        """The place in the list of an expert: of one who takes part beside the first one, and of nobody else."""
        ref = _place(appointment, other)
        held: Participation | None = self._held.get(ref)
        if other not in (appointment.others or ()):
            if held is not None:
                transaction.discard(ref)
            return
        place = held or Participation(ref.pk, ref.sk, zone=appointment.zone, expert=other)
        place.starts_at, place.ends_at = appointment.starts_at, appointment.ends_at
        place.expert_left_at = appointment.expert_left_at
        (transaction.mark if held else transaction.create)(place)

    def _prepare(self, appointment: Appointment, service: Service | None) -> None:
        self.want(appointment)
        self.read()
        if service is not None:
            self.want_counts(service, experts_of(appointment), appointment.starts_at)
            self.read()

    def _pass(self, appointment: Appointment, service: Service) -> None:
        for each in self._wheres(appointment, service):
            self.counts.add(each, **_counted(appointment))
        self._touch(appointment)

    def _touch(self, appointment: Appointment) -> None:
        _, experts = self._passed.setdefault(appointment.id, (appointment, set()))
        experts.update(experts_of(appointment))

    def _want_kept(self, claim: Claim) -> None:
        self.want_time(claim)
        if claim.kept:
            self.want_service(claim.kept.service)

    def _kept(self, claim: Claim, kept: Kept) -> list[Counting]:
        """Where what is kept counts, read by now; nowhere without a cap."""
        service = self.service(kept.service)
        if service is None or not service.caps:
            return []
        experts = [each for each in claim.calendars if each in (service.experts or ())]
        return [self.counting(service, each, kept.starts_at) for each in experts]

    def _wheres(self, appointment: Appointment, service: Service) -> list[Counting]:
        return [self._where(service, each, appointment.starts_at) for each in experts_of(appointment)]

    def _where(self, service: Service, expert: str, at: datetime) -> Counting:
        hours: Availability | None = self._held.get(Availability.ref(self._tenant, expert))
        zone = hours.zone_at(at) if hours else service.zone
        return Counting(service=service, terms=self.terms(service), expert=expert, zone=zone, at=at)

    def _get(self, ref: Ref[R]) -> R | None:
        self._want(ref)
        self.read()
        held: R | None = self._held[ref]
        return held

    def _want(self, *refs: Ref[Any]) -> None:
        self._wanted |= dict.fromkeys(ref for ref in refs if ref not in self._held)


def experts_of(appointment: Appointment) -> tuple[str, ...]:
    """All experts who take part, the first one first."""
    return (appointment.expert, *sorted(appointment.others or ()))


class _Counted(TypedDict):
    owner: str
    minutes: int


def _counted(appointment: Appointment) -> _Counted:
    """What it counts for."""
    return {"owner": appointment.id, "minutes": (appointment.ends_at - appointment.starts_at) // MINUTE}


def _place(appointment: Appointment, expert: str) -> Ref[Participation]:
    return Participation.ref(appointment.tenant, appointment.subject, appointment.id, expert)
