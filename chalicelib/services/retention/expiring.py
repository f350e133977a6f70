"""What DynamoDB's own deletion leaves to do: the net under the sweep removes a record and knows nothing of the rest.

The stream tells of each such removal. Then the record's files go, and the key of the person if nothing of them is left
that is live, restricted, blocked or held; the tenant's keys if the tenant is gone and nobody else has a key. One
transaction writes that down in the ledger, once for each removal, however often the stream tells of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records._base import Record, part
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.ending import (
    HOLDS,
    files_of,
    has_ended,
    is_of_a_person,
    kind_of,
    others_with_keys,
    stand_for,
    tenant_of,
)
from chalicelib.records.idempotency import SeenEvent
from chalicelib.records.keys import SubjectKey, TenantKey
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.marking import to_mark
from chalicelib.records.reading import Ref
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.ports import Files


@dataclass(frozen=True)
class Expiring:
    """Ends what belonged to records that expired by themselves."""

    clock: Clock
    files: Callable[[], Files]
    kinds: tuple[type[Record], ...] = RECORDS

    def end(self, *, event: str, pk: str, sk: str, kind: str) -> None:
        """Files, keys, proof of one removal that `event` of the stream tells of. May be repeated when it failed."""
        if any(each.has_files for each in self.kinds if each.kind_name() == kind):
            self.files().delete_all(prefix=files_of(pk, sk))
        now = self.clock().replace(microsecond=0)
        transaction = Transaction()
        seen = SeenEvent.of("stream", event, at=now)
        transaction.create(seen)
        self._destroy_keys(transaction, pk)
        counts = {kind_of(pk, sk): 1}
        transaction.create(LedgerEntry.of(tenant_of(pk), Action.EXPIRED, at=now, counts=counts))
        try:
            transaction.commit()
        except LostRaceError as lost:
            if not lost.hit(seen):
                raise

    def _destroy_keys(self, transaction: Transaction, pk: str) -> None:
        tenant, subject = tenant_of(pk), part(pk, "SUBJECT")
        ended: set[str] = set()
        if is_of_a_person(pk) and has_ended(pk):
            ended = {subject}
            self._require_the_end(transaction, pk)
            transaction.discard(SubjectKey.ref(tenant, subject))
        if tenant == INSTALLATION or (is_of_a_person(pk) and not ended):
            return
        if to_mark(Tenant.ref(tenant)) is None and not others_with_keys(tenant, than={tenant, *ended}):
            transaction.require_ended(Tenant.ref(tenant))
            transaction.discard(SubjectKey.ref(tenant, tenant))
            transaction.discard(TenantKey.ref(tenant))

    def _require_the_end(self, transaction: Transaction, pk: str) -> None:
        """Nobody may have come to life, or been held, since it was looked."""
        transaction.require_unheld(Ref(Tenant, pk, HOLDS))
        for ref in stand_for(pk):
            transaction.require_ended(ref)
