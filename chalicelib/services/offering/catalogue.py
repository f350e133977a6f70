"""The services of a business: created, changed, put away, listed. What is booked already stays as it was booked."""

from dataclasses import dataclass
from itertools import chain

from chalicelib.domain.actions import Action
from chalicelib.domain.caps import counted
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.ids import new_id
from chalicelib.domain.terms import Terms
from chalicelib.records.premises import Premises
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.door.recounting import recount
from chalicelib.services.offering._shared import Part, change, check_room, check_version, entry_of, there
from chalicelib.services.offering.checks import check_terms
from chalicelib.services.repeating import Repeatable
from chalicelib.services.sign_in.sessions import StaffSession

MOST_SERVICES = 500


@dataclass(frozen=True, kw_only=True)
class Published:
    """What visitors see of a business: its name and places, and what it offers by whom."""

    tenant: Tenant
    premises: Premises | None
    services: list[Service]
    experts: list[Staff]


class Catalogue(Part):
    """Services."""

    def create_service(self, caller: StaffSession, terms: Terms, *, network: str, repeat: Repeatable | None) -> Service:
        """A new service of the caller's tenant."""

        def make(transaction: Transaction) -> Service:
            account = check_terms(caller.tenant, terms)
            check_room(transaction, caller.tenant, Service.all_of(caller.tenant, consistent=True), most=MOST_SERVICES)
            now = self._now
            ref = Service.ref(caller.tenant, new_id(now))
            service = Service(ref.pk, ref.sk, zone=caller.zone, created_at=now)
            service.apply(terms)
            transaction.create(service)
            transaction.create(entry_of(caller, Action.SERVICE_CREATED, service.id, at=now, network=network))
            if account is not None:
                transaction.update(account)  # who removes it at the same time has to look again
            return service

        return self._create(caller, Service, make, repeat)

    def change_service(
        self, caller: StaffSession, service_id: str, terms: Terms, *, version: int | None, network: str
    ) -> Service:
        """The service with new terms; `version` is the one the change was made on, None to overwrite."""
        service = self._service(caller, service_id)
        account = check_terms(caller.tenant, terms)
        check_version(service, version)
        known = counted(service.terms())
        service.apply(terms)
        entry = entry_of(caller, Action.SERVICE_CHANGED, service.id, at=self._now, network=network)
        change(service, entry, needing=account)
        if terms.caps or not counted(terms) <= known:  # the same caps again: counting may not have come to its end
            recount(service, now=self._now)
        return service

    def archive_service(self, caller: StaffSession, service_id: str, *, version: int | None, network: str) -> Service:
        """No more of it is offered; what is booked stays. Done again, it changes nothing."""
        service = self._service(caller, service_id)
        check_version(service, version)
        if service.archived_at is None:
            service.archived_at = self._now
            change(service, entry_of(caller, Action.SERVICE_ARCHIVED, service.id, at=self._now, network=network))
        return service

    def restore_service(self, caller: StaffSession, service_id: str, *, version: int | None, network: str) -> Service:
        """It is offered again, if what it names is still there."""
        service = self._service(caller, service_id)
        check_version(service, version)
        if service.archived_at is not None:
            account = check_terms(caller.tenant, service.terms())
            service.archived_at = None
            entry = entry_of(caller, Action.SERVICE_RESTORED, service.id, at=self._now, network=network)
            change(service, entry, needing=account)
        return service

    def services(
        self, caller: StaffSession, *, network: str, name: str = "", archived: bool | None = False
    ) -> list[Service]:
        """What the tenant offers: by a part of the name; in use, archived or (None) both; noted."""
        sought = name.casefold()
        held = self._looked(caller, Action.SERVICES_READ, lambda: Service.all_of(caller.tenant), network=network)
        wanted = (each for each in held if archived is None or archived is (each.archived_at is not None))
        return [each for each in wanted if sought in each.name.casefold()]

    def service(self, caller: StaffSession, service_id: str, *, network: str) -> Service:
        """One of them; noted."""
        ref = Service.ref(caller.tenant, service_id)
        return there(self._looked(caller, Action.SERVICES_READ, lambda: fetch(ref, consistent=True), network=network))

    def published(self, tenant_id: str) -> Published:
        """What visitors see. NotFoundError for an unknown tenant."""
        found = fetch_all([Tenant.ref(tenant_id), Premises.ref(tenant_id)])
        tenant = found.get(Tenant.ref(tenant_id))
        if tenant is None:
            raise NotFoundError("There is no such business.")
        services = [each for each in Service.all_of(tenant_id) if each.archived_at is None]
        ids = sorted(set(chain.from_iterable(each.experts or () for each in services)))
        refs = [Staff.ref(tenant_id, each) for each in ids]
        self.vault.preload(tenant_id, [tenant_id, *ids])
        held = fetch_all(refs)
        experts = [staff for ref in refs if (staff := held.get(ref)) is not None]
        return Published(tenant=tenant, premises=found.get(Premises.ref(tenant_id)), services=services, experts=experts)

    def _service(self, caller: StaffSession, service_id: str) -> Service:
        return there(fetch(Service.ref(caller.tenant, service_id), consistent=True))
