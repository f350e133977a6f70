"""The four tables, split by how long things live and who may restore them, and their two indexes."""

from collections.abc import Callable
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from chalicelib.domain.clock import Clock
from chalicelib.domain.sealing import Sealer
from chalicelib.records._base import Record, Standing, shard
from chalicelib.records._binding import binding
from chalicelib.records._fields import InstantAttribute


class DueIndex(GlobalSecondaryIndex[Any]):
    """Everything that has to happen at a time. Keys only, sparse."""

    class Meta:
        """As the template has it."""

        index_name = "due"
        projection = KeysOnlyProjection()
        billing_mode = "PAY_PER_REQUEST"

    due_shard = UnicodeAttribute(hash_key=True)
    due_at = InstantAttribute(range_key=True)


class LookupIndex(GlobalSecondaryIndex[Any]):
    """Inboxes and searches. Sparse."""

    class Meta:
        """As the template has it."""

        index_name = "lookup"
        projection = AllProjection()
        billing_mode = "PAY_PER_REQUEST"

    lookup_pk = UnicodeAttribute(hash_key=True)
    lookup_sk = UnicodeAttribute(range_key=True)


class PeopleIndex(GlobalSecondaryIndex[Any]):
    """The entries of the ledger about a person, or by them where they are about nobody else. Sparse."""

    class Meta:
        """As the template has it."""

        index_name = "people"
        projection = AllProjection()
        billing_mode = "PAY_PER_REQUEST"

    people_pk = UnicodeAttribute(hash_key=True)
    people_sk = UnicodeAttribute(range_key=True)


class RecordsTable(Record):
    """Tenants' and subjects' data."""

    class Meta:
        """Physical name set by `bind`."""

        table_name = "records"
        connect_timeout_seconds = 2
        read_timeout_seconds = 5
        max_pool_connections = 20
        billing_mode = "PAY_PER_REQUEST"

    has_due_index = True
    due_shard = UnicodeAttribute(null=True)
    due_at = InstantAttribute(null=True)
    lookup_pk = UnicodeAttribute(null=True)
    lookup_sk = UnicodeAttribute(null=True)
    due_index = DueIndex()
    lookup_index = LookupIndex()

    def stamp(self) -> None:
        """Expiry, TTL, and the place in the due index."""
        super().stamp()
        action, at = self.due()
        self.due_shard, self.due_at = (shard(action, self.pk), at) if at else (None, None)

    def serialize(self, null_check: bool = True) -> dict[str, Any]:  # noqa: FBT001 (PynamoDB's signature)
        """What is stored; what is blocked has no place in any list."""
        item = super().serialize(null_check)
        if self.standing() is Standing.BLOCKED:
            for name in ("lookup_pk", "lookup_sk"):
                item.pop(name, None)
        return item


class KeysTable(Record):
    """Wrapped keys. Backed up for a few days only, so that what is shredded becomes unreadable everywhere."""

    class Meta:
        """Physical name set by `bind`."""

        table_name = "keys"
        connect_timeout_seconds = 2
        read_timeout_seconds = 5
        max_pool_connections = 20
        billing_mode = "PAY_PER_REQUEST"


class LedgerTable(Record):
    """Actions, disclosures, erasures. Append-only: no role may update or delete."""

    class Meta:
        """Physical name set by `bind`."""

        table_name = "ledger"
        connect_timeout_seconds = 2
        read_timeout_seconds = 5
        max_pool_connections = 20
        billing_mode = "PAY_PER_REQUEST"

    people_pk = UnicodeAttribute(null=True)
    people_sk = UnicodeAttribute(null=True)
    people_index = PeopleIndex()


class TransientTable(Record):
    """Sessions, idempotency, seen webhooks: minutes to days, never backed up."""

    class Meta:
        """Physical name set by `bind`."""

        table_name = "transient"
        connect_timeout_seconds = 2
        read_timeout_seconds = 5
        max_pool_connections = 20
        billing_mode = "PAY_PER_REQUEST"


TABLES: tuple[type[Record], ...] = (RecordsTable, KeysTable, LedgerTable, TransientTable)


def bind(*, names: dict[str, str], clock: Clock, sealer: Callable[[], Sealer]) -> None:
    """Hands the records their physical table names, a clock and a sealer (asked for when first needed)."""
    for table in TABLES:
        table.Meta.table_name = names[table.__name__.removesuffix("Table").lower()]
    binding.clock, binding.sealer = clock, sealer
