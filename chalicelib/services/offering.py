"""What a tenant offers: services, experts' availability, and the times that can still be booked."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from chalicelib.domain.actions import Action
from chalicelib.domain.busy import to_intervals
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import InvalidInputError, NotAllowedError, NotFoundError, VersionMismatchError
from chalicelib.domain.ids import new_id
from chalicelib.domain.roles import ADMIN
from chalicelib.domain.slots import Availability as Rules
from chalicelib.domain.slots import Interval, Offer, starts
from chalicelib.domain.terms import Terms
from chalicelib.records.availability import Availability
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.ports import Vault
from chalicelib.services.repeating import Repeatable
from chalicelib.services.sessions import StaffSession
from chalicelib.services.side_by_side import side_by_side

R = TypeVar("R", Service, Availability)
LONGEST_RANGE = timedelta(days=62)
DAY = timedelta(days=1)
FARTHEST = timedelta(days=740)  # beyond the longest horizon there is, two years


@dataclass(frozen=True, kw_only=True)
class Published:
    """What visitors see of a business: its name and what it offers by whom."""

    tenant: Tenant
    services: list[Service]
    experts: list[Staff]


@dataclass(frozen=True)
class Offering:
    """Services, availability and free times."""

    vault: Vault
    clock: Clock

    def create_service(self, caller: StaffSession, terms: Terms, *, network: str, repeat: Repeatable | None) -> Service:
        """A new service of the caller's tenant."""
        earlier = repeat.earlier() if repeat else None
        if earlier is not None:
            return _there(fetch(Ref(Service, earlier.pk, earlier.sk), consistent=True))
        self._check_experts(caller.tenant, terms.experts)
        now = self.clock().replace(microsecond=0)
        ref = Service.ref(caller.tenant, new_id(now))
        service = Service(ref.pk, ref.sk, zone=caller.zone, created_at=now)
        service.apply(terms)
        transaction = Transaction()
        transaction.create(service)
        transaction.create(_entry(caller, Action.SERVICE_CREATED, service.id, now, network))
        if repeat:
            repeat.remember(transaction, service, at=now)
        try:
            transaction.commit()
        except LostRaceError:
            return self.create_service(caller, terms, network=network, repeat=repeat)
        return service

    def change_service(
        self, caller: StaffSession, service_id: str, terms: Terms, *, version: int | None, network: str
    ) -> Service:
        """The service with new terms; `version` is the one the change was made on, None to overwrite."""
        service = _there(fetch(Service.ref(caller.tenant, service_id), consistent=True))
        self._check_experts(caller.tenant, terms.experts)
        _check_version(service.version, version)
        service.apply(terms)
        now = self.clock().replace(microsecond=0)
        _change(service, _entry(caller, Action.SERVICE_CHANGED, service.id, now, network))
        return service

    def services(self, caller: StaffSession, *, network: str) -> list[Service]:
        """What the caller's tenant offers, and by whom; noted."""
        noted = self._noted(caller, Action.SERVICES_READ, network=network)
        found, _ = side_by_side(lambda: Service.all_of(caller.tenant), noted.commit)
        return found

    def published(self, tenant_id: str) -> Published:
        """What visitors see. NotFoundError for an unknown tenant."""
        tenant = fetch(Tenant.ref(tenant_id))
        if tenant is None:
            raise NotFoundError("There is no such business.")
        services = Service.all_of(tenant_id)
        refs = [Staff.ref(tenant_id, each) for each in sorted({e for s in services for e in s.experts})]
        self.vault.preload(tenant_id, [tenant_id, *(each.pk.rpartition("#")[2] for each in refs)])
        found = fetch_all(refs)
        experts = [staff for ref in refs if (staff := found.get(ref)) is not None]
        return Published(tenant=tenant, services=services, experts=experts)

    def availability(self, caller: StaffSession, expert: str, *, network: str) -> Availability:
        """An expert's hours; noted."""
        noted = self._noted(caller, Action.AVAILABILITY_READ, network=network, about=expert)
        ref = Availability.ref(caller.tenant, expert)
        found, _ = side_by_side(lambda: fetch(ref, consistent=True), noted.commit)
        return _there(found)

    def _noted(self, caller: StaffSession, action: Action, *, network: str, about: str | None = None) -> Transaction:
        """The entry of a look, which is written beside the look itself."""
        transaction, now = Transaction(), self.clock().replace(microsecond=0)
        transaction.create(
            LedgerEntry.of(caller.tenant, action, at=now, actor=caller.staff, about=about, network=network)
        )
        return transaction

    def set_availability(
        self, caller: StaffSession, expert: str, rules: Rules, *, version: int | None, network: str
    ) -> Availability:
        """An expert's new hours; `version` is the one the change was made on, None to overwrite."""
        if expert != caller.staff and ADMIN not in caller.roles:
            raise NotAllowedError("Experts set their own hours.")
        staff_ref, ref = Staff.ref(caller.tenant, expert), Availability.ref(caller.tenant, expert)
        found = fetch_all([staff_ref, ref], consistent=True)
        member = found.need(staff_ref, what="staff member")
        now = self.clock().replace(microsecond=0)
        held = found.get(ref)
        _check_version(held.version if held else 0, version)
        record = held or Availability.of(caller.tenant, expert, zone=caller.zone, rules=rules)
        record.change(rules)
        entry = _entry(caller, Action.AVAILABILITY_CHANGED, expert, now, network)
        _change(record, entry, while_there=member)
        return record

    def slots(self, tenant: str, service_id: str, expert: str, *, frm: datetime, to: datetime) -> list[datetime]:
        """The starts from `frm` to before `to` that can be booked now with one expert."""
        return self._slots(tenant, service_id, expert, frm=frm, to=to, without=None)

    def slots_for_move(
        self, tenant: str, service_id: str, expert: str, *, frm: datetime, to: datetime, appointment: str
    ) -> list[datetime]:
        """The same for an appointment that is to be moved: its own time counts as free."""
        return self._slots(tenant, service_id, expert, frm=frm, to=to, without=appointment)

    def _slots(
        self, tenant: str, service_id: str, expert: str, *, frm: datetime, to: datetime, without: str | None
    ) -> list[datetime]:
        if not timedelta(0) < to - frm <= LONGEST_RANGE:
            raise InvalidInputError("Ask for more than nothing and at most 62 days.", field="to")
        service_ref, hours_ref = Service.ref(tenant, service_id), Availability.ref(tenant, expert)
        tenant_ref = Tenant.ref(tenant)
        first, last = _days_that_matter(frm, to, now=self.clock())
        found, sheets = side_by_side(
            lambda: fetch_all([tenant_ref, service_ref, hours_ref]),
            lambda: DaySheet.between(tenant, expert, first, last),
        )
        business, service = found.need(tenant_ref, what="business"), found.need(service_ref, what="service")
        if expert not in service.experts:
            raise NotFoundError("This expert does not do this service.")
        hours = found.get(hours_ref)
        if hours is None or not business.tenancy.is_open(self.clock()):
            return []
        busy = busy_of(sheets, without=without)
        return starts(offer_of(service), hours.rules(), busy, now=self.clock(), frm=frm, to=to)

    def _check_experts(self, tenant: str, experts: frozenset[str]) -> None:
        refs = [Staff.ref(tenant, expert) for expert in sorted(experts)]
        found = fetch_all(refs, consistent=True)
        if any(found.get(ref) is None for ref in refs):
            raise InvalidInputError("Name staff members of this business.", field="experts")


def offer_of(service: Service) -> Offer:
    """The service as the slot rules take it."""
    return Offer(
        duration=int(service.duration),
        step=int(service.step),
        buffer_before=int(service.buffer_before),
        buffer_after=int(service.buffer_after),
        notice=int(service.notice),
        horizon_days=int(service.horizon_days),
    )


def busy_of(sheets: list[DaySheet], *, without: str | None = None) -> list[Interval]:
    """The busy time on the sheets, in order, but for what one appointment occupies."""
    contents = ((sheet.day, sheet.content.without(without) if without else sheet.content) for sheet in sheets)
    return [interval for day, content in contents for interval in to_intervals(day, content)]


def _days_that_matter(frm: datetime, to: datetime, *, now: datetime) -> tuple[date, date]:
    """The UTC days whose sheets can forbid a start in the range: nothing is offered in the past or beyond a horizon.

    Appointments last a day at most, and so do buffers: two days around catch all that could touch.
    """
    first = (max(frm, now).astimezone(UTC) - 2 * DAY).date()
    last = (min(to, now + FARTHEST).astimezone(UTC) + 2 * DAY).date()
    return first, max(first, last)


def _change(record: Service | Availability, entry: LedgerEntry, *, while_there: Staff | None = None) -> None:
    transaction = Transaction()
    if while_there is not None:  # who is about to leave gets no hours any more
        transaction.require(while_there)
    (transaction.update if record.version else transaction.create)(record)
    transaction.create(entry)
    try:
        transaction.commit()
    except LostRaceError:
        raise VersionMismatchError("Read it again and repeat the change.", field="If-Match") from None


def _check_version(held: int | None, wanted: int | None) -> None:
    if wanted is not None and wanted != int(held or 0):
        raise VersionMismatchError("Read it again and repeat the change.", field="If-Match")


def _there(record: R | None) -> R:
    if record is None:
        raise NotFoundError("There is no such record.")
    return record


def _entry(caller: StaffSession, action: Action, thing: str, now: datetime, network: str) -> LedgerEntry:
    return LedgerEntry.of(caller.tenant, action, at=now, actor=caller.staff, thing=thing, network=network)
