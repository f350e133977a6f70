"""Everything that staff work with about one customer, whichever of their entries it lies under."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.domain.errors import NotFoundError
from chalicelib.records import catalogue as _kinds  # noqa: F401 (kinds are found by the name they are stored under)
from chalicelib.records._base import Record, Standing
from chalicelib.records.appointment import Appointment
from chalicelib.records.customer import Customer
from chalicelib.records.customer_join import Merge, Split
from chalicelib.records.customer_note import CustomerNote
from chalicelib.records.reading import fetch
from chalicelib.records.walking import everything, of_person
from chalicelib.services.customers.reach import NO_CUSTOMER, check_reach, meets
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.sessions import StaffSession

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class File:
    """One person: who they are, and what lies with them and with the entries that were merged into theirs."""

    customer: Customer
    appointments: Sequence[Appointment]
    notes: Sequence[CustomerNote]
    merges: Sequence[Merge]
    splits: Sequence[Split]

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids under which something about the person lies, the one that remains first."""
        return (self.customer.subject, *sorted(self.customer.merged or ()))


def live(tenant: str, customer: str) -> Customer:
    """The customer behind an id, be it that of an entry merged into theirs. NotFoundError: none who may be shown."""
    found = fetch(Customer.ref(tenant, customer), consistent=True)
    if found is not None and found.merged_into:
        found = fetch(Customer.ref(tenant, found.merged_into), consistent=True)
    if found is None or found.standing() is not Standing.LIVE:
        raise NotFoundError(NO_CUSTOMER)
    return found


def file_of(vault: Vault, caller: StaffSession, customer: str) -> File:
    """What the caller may see of a customer. NotFoundError when that is nothing, or the person had it restricted."""
    person = live(caller.tenant, customer)
    ids = [person.subject, *sorted(person.merged or ())]
    held = [each for one in ids for each in everything(of_person(caller.tenant, one))]
    usable = [each for each in held if each.standing() is Standing.LIVE]
    appointments = sorted(_of_kind(Appointment, usable), key=lambda each: each.starts_at, reverse=True)
    check_reach(caller, person, appointments)
    vault.preload(caller.tenant, ids)
    return File(
        person,
        meets(caller, appointments),
        sorted(_of_kind(CustomerNote, usable), key=lambda each: each.written_at, reverse=True),
        [each for each in _of_kind(Merge, usable) if each.undone_at is None],
        [each for each in _of_kind(Split, usable) if each.undone_at is None],
    )


def _of_kind(kind: type[R], records: Iterable[Record]) -> list[R]:
    return [each for each in records if isinstance(each, kind)]
