"""The end of a business: everything that belongs to it is brought to its end, and the sweep does the rest.

What is brought to its end is past its period from that second on, with the proof in numbers that the sweep leaves,
with files and keys that go with it, and with legal holds and duties that keep it back, as they would at any other time.
Only the ledger stays.

It can be killed anywhere: each step is one transaction, which counts on the record of the business what it ended, and
the next walk passes over what is at its end already. The business comes last: by it, what is left is found.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.records._base import Record
from chalicelib.records._tables import TransientTable
from chalicelib.records.ending import ends_with
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.premises import Resource
from chalicelib.records.reading import Ref
from chalicelib.records.staff import Staff, StaffAddress
from chalicelib.records.tenant import Tenant
from chalicelib.records.walking import everybody, everything, of_caps, of_days, of_person, own
from chalicelib.records.writing import LIMIT, Transaction

_AT_ONCE = LIMIT - 1  # beside the business itself


@dataclass(frozen=True)
class Terminating:
    """Ends businesses whose time is over."""

    clock: Clock

    def steps(self, tenant: Tenant) -> Iterator[int]:
        """Ends it step by step; how many records each one brought to their end. TryAgainError: later once more."""
        left = iter(_belongings(tenant.tenant))
        while chunk := list(islice(left, _AT_ONCE)):
            self._end(tenant, chunk)
            yield len(chunk)
        self._close(tenant)

    def _end(self, tenant: Tenant, records: Iterable[Record]) -> None:
        now = self.clock().replace(microsecond=0)
        transaction, counts = Transaction(), Counter(tenant.ending or {})
        for record in records:
            counts[record.kind_name()] += 1
            if isinstance(record, TransientTable):
                transaction.discard(Ref(type(record), record.pk, record.sk))
            else:
                record.end(now)
                transaction.mark(record)
        tenant.ending = dict(counts)
        transaction.mark(tenant)
        transaction.commit()

    def _close(self, tenant: Tenant) -> None:
        now = self.clock().replace(microsecond=0)
        tenant.ended_at = now
        counts = {**(tenant.ending or {}), tenant.kind_name(): 1}
        transaction = Transaction()
        transaction.mark(tenant)
        transaction.create(
            LedgerEntry.of(tenant.tenant, Action.TENANT_ENDED, at=now, thing=tenant.tenant, counts=counts)
        )
        transaction.commit()


def _belongings(tenant: str) -> Iterator[Record]:
    """What is not at its end yet: about each person, claims of addresses, days of rooms, then the business's own."""
    of_people = chain.from_iterable(_about(tenant, person) for person in everybody(tenant))
    of_business = (record for record in everything(own(tenant)) if not isinstance(record, Tenant))
    found = chain(of_people, _claims(tenant), _rooms(tenant), of_business)
    return (record for record in found if _is_left(record))


def _is_left(record: Record) -> bool:
    """What outlives the business, and what the sweep knows of already, is passed over."""
    return not record.outlives_tenant and (isinstance(record, TransientTable) or not record.is_absent())


def _claims(tenant: str) -> Iterator[Record]:
    yield from StaffAddress.all_of(tenant)


def _rooms(tenant: str) -> Iterator[Record]:
    for room in Resource.all_of(tenant):
        yield from everything(of_days(tenant, room.id))


def _about(tenant: str, person: str) -> Iterator[Record]:
    """Of staff first what is found by them alone: sessions, days, what counts. Whom it is about comes last.

    With that record their key ends, and by their key they are found.
    """
    theirs = list(everything(of_person(tenant, person)))
    if any(isinstance(record, Staff) for record in theirs):
        yield from everything(of_person(tenant, person), table=TransientTable)
        yield from everything(of_days(tenant, person))
        yield from everything(of_caps(tenant, person))
    yield from sorted(theirs, key=lambda record: bool(ends_with(record.pk, record.sk)))
