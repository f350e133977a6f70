"""When experts work: hours, travels, absences, and the public holidays that they keep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, NotAllowedError
from chalicelib.domain.ids import new_id
from chalicelib.domain.regions import REGIONS
from chalicelib.domain.roles import ADMIN, EXPERT
from chalicelib.domain.slots import Availability as Rules
from chalicelib.records.appointment import Appointment
from chalicelib.records.availability import Availability
from chalicelib.records.participation import Participation
from chalicelib.records.premises import Premises
from chalicelib.records.reading import Found, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.services.door.recounting import recount
from chalicelib.services.offering._shared import Part, change, check_version, entry_of, there
from chalicelib.services.side_by_side import all_at_once
from chalicelib.services.sign_in.sessions import StaffSession

_LONGEST = timedelta(days=1)  # what starts that long before an absence may reach into it


@dataclass(frozen=True, kw_only=True)
class Absence:
    """From when until when an expert is away, and who stands in; an absence that was never stored has no id."""

    frm: datetime
    until: datetime
    stand_in: str | None = None
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class HoursSet:
    """Hours as they stand after a change, and the appointments that fall into absences."""

    hours: Availability
    affected: list[Appointment]


class Hours(Part):
    """Availability."""

    def availability(self, caller: StaffSession, expert: str, *, network: str) -> Availability:
        """An expert's hours; noted."""
        ref = Availability.ref(caller.tenant, expert)
        look = partial(fetch, ref, consistent=True)
        return there(self._looked(caller, Action.AVAILABILITY_READ, look, network=network, about=expert))

    def set_availability(
        self, caller: StaffSession, expert: str, rules: Rules, *, version: int | None, network: str
    ) -> Availability:
        """An expert's new hours, without absences; see `set_hours`."""
        return self.set_hours(caller, expert, rules, (), holidays=None, version=version, network=network).hours

    def set_hours(
        self,
        caller: StaffSession,
        expert: str,
        rules: Rules,
        absences: Sequence[Absence],
        *,
        holidays: str | None,
        version: int | None,
        network: str,
    ) -> HoursSet:
        """An expert's new hours; `version` is the one the change was made on, None to overwrite."""
        if expert != caller.staff and ADMIN not in caller.roles:
            raise NotAllowedError("Experts set their own hours.")
        now = self._now
        coming = [each for each in absences if each.until > now]
        staff_ref, ref = Staff.ref(caller.tenant, expert), Availability.ref(caller.tenant, expert)
        stand_ins = {each.stand_in for each in coming if each.stand_in}
        others = [Staff.ref(caller.tenant, each) for each in sorted(stand_ins)]
        found = fetch_all([staff_ref, ref, Premises.ref(caller.tenant), *others], consistent=True)
        member = found.need(staff_ref, what="staff member")
        if expert in stand_ins or not all(_is_expert(found.get(each)) for each in others):
            raise InvalidInputError("Name another expert of this business.", field="absences")
        _check_places(rules, holidays, found, caller.tenant)
        before = found.get(ref)
        check_version(before, version)
        record = before or Availability.of(caller.tenant, expert, zone=caller.zone, rules=rules)
        was_at = _whereabouts(record)
        record.change(rules)
        record.holidays, record.absences = holidays, [_stored(each, now) for each in coming]
        entry = entry_of(caller, Action.AVAILABILITY_CHANGED, expert, at=now, network=network)
        change(record, entry, while_there=member)
        if record.travels or _whereabouts(record) != was_at:
            _count_anew(caller.tenant, expert, now)
        return HoursSet(hours=record, affected=self._affected(caller.tenant, expert, coming))

    def _affected(self, tenant: str, expert: str, absences: Iterable[Absence]) -> list[Appointment]:
        """What is booked in absences, in order, so that it can be handed over or cancelled."""
        lists = all_at_once([partial(_booked, tenant, expert, each) for each in absences])
        return sorted({each.id: each for each in chain.from_iterable(lists)}.values(), key=lambda each: each.starts_at)


def absences_of(hours: Availability) -> list[Absence]:
    """The absences of an expert, in order."""
    held = (
        Absence(
            frm=datetime.fromisoformat(each["from"]),
            until=datetime.fromisoformat(each["until"]),
            stand_in=each["stand_in"],
            id=each["id"],
        )
        for each in hours.absences
    )
    return sorted(held, key=lambda each: each.frm)


def _whereabouts(hours: Availability) -> tuple[object, ...]:
    """What the days depend on by which caps and fairness count."""
    return hours.expert_zone, hours.travels


def _count_anew(tenant: str, expert: str, now: datetime) -> None:
    """What is booked may lie in other days, weeks and months than before."""
    for service in Service.all_of(tenant, consistent=True):
        if expert in (service.experts or ()):
            recount(service, now=now, experts=[expert])


def _is_expert(member: Staff | None) -> bool:
    return member is not None and EXPERT in member.roles


def _stored(absence: Absence, now: datetime) -> dict[str, str | None]:
    times = {"from": absence.frm.isoformat(), "until": absence.until.isoformat()}
    return {"id": absence.id or new_id(now), **times, "stand_in": absence.stand_in}


def _booked(tenant: str, expert: str, absence: Absence) -> list[Appointment]:
    since = absence.frm - _LONGEST
    own = Appointment.of_expert(tenant, expert, frm=since, to=absence.until)
    also = Participation.of_expert(tenant, expert, frm=since, to=absence.until)
    refs = [Appointment.ref(tenant, each.subject, each.appointment) for each in also]
    found = fetch_all(refs)
    shared = [held for ref in refs if (held := found.get(ref)) is not None]
    return [each for each in (*own, *shared) if each.state.holds_time and each.ends_at > absence.frm]


def _check_places(rules: Rules, holidays: str | None, found: Found, tenant: str) -> None:
    premises = found.get(Premises.ref(tenant))
    sites = {each["id"] for each in premises.sites} if premises else set()
    named = {each.site for ranges in (*rules.weekly.values(), *rules.exceptions.values()) for each in ranges}
    if not named <= {None, *sites}:
        raise InvalidInputError("Name sites of this business.", field="weekly")
    if holidays is not None and holidays not in REGIONS:
        raise InvalidInputError("Name a region whose public holidays are known, as CH-ZH.", field="holidays")
