"""Where a business works: sites, closures, rooms and devices."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from itertools import chain

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, InvalidInputError
from chalicelib.domain.ids import new_id
from chalicelib.domain.regions import REGIONS
from chalicelib.records.premises import Premises, Resource
from chalicelib.records.reading import fetch
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services.offering._shared import Part, change, check_room, check_version, entry_of, there
from chalicelib.services.repeating import Repeatable
from chalicelib.services.sign_in.sessions import StaffSession

MOST_RESOURCES = 500


@dataclass(frozen=True, kw_only=True)
class Site:
    """A place where appointments take place; `holidays` is the region whose public holidays close it."""

    id: str
    name: str
    street: str
    postal_code: str
    city: str
    holidays: str | None = None


class Places(Part):
    """Premises and resources."""

    def premises(self, caller: StaffSession, *, network: str) -> Premises:
        """Sites and closures; none of each for a business that never named any; noted."""
        ref = Premises.ref(caller.tenant)
        held = self._looked(caller, Action.PREMISES_READ, partial(fetch, ref, consistent=True), network=network)
        return held or Premises(ref.pk, ref.sk, zone=caller.zone)

    def set_premises(
        self,
        caller: StaffSession,
        sites: Sequence[Site],
        closures: Sequence[tuple[datetime, datetime]],
        *,
        holidays: str | None,
        version: int | None,
        network: str,
    ) -> Premises:
        """All of them at once; a site without an id is new. ConflictError for the removal of one that is in use."""
        regions = {holidays, *(each.holidays for each in sites)} - {None}
        if not regions <= REGIONS:
            raise InvalidInputError("Name a region whose public holidays are known, as CH-ZH.", field="holidays")
        ref, now = Premises.ref(caller.tenant), self._now
        held = fetch(ref, consistent=True)
        check_version(held, version)
        record = held or Premises(ref.pk, ref.sk, zone=caller.zone)
        known = {each["id"] for each in record.sites}
        if not {each.id for each in sites if each.id} <= known:
            raise InvalidInputError("Leave out the id of a new site.", field="sites")
        if known - {each.id for each in sites}:
            _check_unused(caller.tenant, known - {each.id for each in sites})
        record.sites = [{**asdict(each), "id": each.id or new_id(now)} for each in sites]
        coming = sorted(each for each in closures if each[1] > now)
        record.closures = [[since.isoformat(), until.isoformat()] for since, until in coming]
        record.holidays = holidays
        change(record, entry_of(caller, Action.PREMISES_CHANGED, caller.tenant, at=now, network=network))
        return record

    def resources(self, caller: StaffSession, *, network: str, archived: bool | None = False) -> list[Resource]:
        """The rooms and devices: in use, archived or (None) both; noted."""
        look = partial(Resource.all_of, caller.tenant)
        held = self._looked(caller, Action.RESOURCES_READ, look, network=network)
        return [each for each in held if archived is None or archived is (each.archived_at is not None)]

    def create_resource(
        self, caller: StaffSession, name: str, site: str | None, *, network: str, repeat: Repeatable | None
    ) -> Resource:
        """A new room or device."""

        def make(transaction: Transaction) -> Resource:
            _check_site(caller.tenant, site)
            check_room(transaction, caller.tenant, Resource.all_of(caller.tenant, consistent=True), most=MOST_RESOURCES)
            now = self._now
            ref = Resource.ref(caller.tenant, new_id(now))
            made = Resource(ref.pk, ref.sk, zone=caller.zone, name=name, site=site, created_at=now)
            transaction.create(made)
            transaction.create(entry_of(caller, Action.RESOURCE_CREATED, made.id, at=now, network=network))
            return made

        return self._create(caller, Resource, make, repeat)

    def change_resource(
        self, caller: StaffSession, resource: str, name: str, site: str | None, *, version: int | None, network: str
    ) -> Resource:
        """Another name, or another site unless a service needs it where it is."""
        record = self._resource(caller, resource)
        check_version(record, version)
        if site != record.site:
            _check_site(caller.tenant, site)
            _check_needless(caller.tenant, resource)
        record.name, record.site = name, site
        change(record, entry_of(caller, Action.RESOURCE_CHANGED, resource, at=self._now, network=network))
        return record

    def archive_resource(self, caller: StaffSession, resource: str, *, version: int | None, network: str) -> Resource:
        """It is not used any more. ConflictError as long as a service needs it."""
        record = self._resource(caller, resource)
        check_version(record, version)
        if record.archived_at is None:
            _check_needless(caller.tenant, resource)
            record.archived_at = self._now
            change(record, entry_of(caller, Action.RESOURCE_ARCHIVED, resource, at=self._now, network=network))
        return record

    def restore_resource(self, caller: StaffSession, resource: str, *, version: int | None, network: str) -> Resource:
        """It can be used again."""
        record = self._resource(caller, resource)
        check_version(record, version)
        if record.archived_at is not None:
            record.archived_at = None
            change(record, entry_of(caller, Action.RESOURCE_RESTORED, resource, at=self._now, network=network))
        return record

    def _resource(self, caller: StaffSession, resource: str) -> Resource:
        return there(fetch(Resource.ref(caller.tenant, resource), consistent=True))


def _check_site(tenant: str, site: str | None) -> None:
    premises = fetch(Premises.ref(tenant), consistent=True) if site else None
    if site and site not in {each["id"] for each in (premises.sites if premises else [])}:
        raise InvalidInputError("Name a site of this business.", field="site")


def _check_needless(tenant: str, resource: str) -> None:
    if any(resource in chain.from_iterable(each.resources) for each in _offered(tenant)):
        raise ConflictError("Take it out of the services that need it first.")


def _check_unused(tenant: str, sites: set[str]) -> None:
    rooms = [each.site for each in Resource.all_of(tenant) if each.archived_at is None]
    if sites.intersection([*rooms, *(each.site for each in _offered(tenant))]):
        raise ConflictError("Take the site out of services, rooms and devices first.", field="sites")


def _offered(tenant: str) -> list[Service]:
    return [each for each in Service.all_of(tenant) if each.archived_at is None]
