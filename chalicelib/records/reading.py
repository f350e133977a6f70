"""Reading records: several kinds of several tables in one round trip; what has expired or is blocked is absent."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar, cast

from pynamodb.expressions.condition import Condition

from chalicelib.domain.errors import NotFoundError, TryAgainError
from chalicelib.records._base import Record
from chalicelib.records._busy import reading

R = TypeVar("R", bound=Record)
_BATCH = 100
_ATTEMPTS = 5


@dataclass(frozen=True)
class Ref(Generic[R]):
    """Where a record lies, and of what kind it is."""

    record: type[R]
    pk: str
    sk: str

    @property
    def table(self) -> str:
        """The physical table."""
        return self.record.Meta.table_name


class Found:
    """What a batch read found."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str, str], Record] = {}

    def add(self, table: str, record: Record) -> None:
        """Takes a record in."""
        self._records[table, record.pk, record.sk] = record

    def get(self, ref: Ref[R]) -> R | None:
        """The record, unless it is absent, expired or blocked."""
        record = self._records.get((ref.table, ref.pk, ref.sk))
        return None if record is None or record.is_absent() else cast("R", record)

    def need(self, ref: Ref[R], *, what: str) -> R:
        """The record; NotFoundError naming `what` when it is absent."""
        record = self.get(ref)
        if record is None:
            raise NotFoundError(f"There is no such {what}.")
        return record


def fetch_all(refs: Iterable[Ref[Any]], *, consistent: bool = False) -> Found:
    """All the records at `refs`, of any tables, in one round trip per 100."""
    wanted = {(ref.table, ref.pk, ref.sk): ref for ref in refs}
    found = Found()
    keys = list(wanted)
    for at in range(0, len(keys), _BATCH):
        for table, raw in _batch_get(keys[at : at + _BATCH], consistent=consistent):
            key = (table, raw["pk"]["S"], raw["sk"]["S"])
            found.add(table, wanted[key].record.from_raw_data(raw))
    return found


def fetch_raw(refs: Iterable[Ref[Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """The items at `refs` of one table as they lie there now, by key: for what ends and moves them unread."""
    keys = list(dict.fromkeys((ref.table, ref.pk, ref.sk) for ref in refs))
    batches = (keys[at : at + _BATCH] for at in range(0, len(keys), _BATCH))
    found = (raw for batch in batches for _, raw in _batch_get(batch, consistent=True))
    return {(raw["pk"]["S"], raw["sk"]["S"]): raw for raw in found}


def fetch(ref: Ref[R], *, consistent: bool = False) -> R | None:
    """The record at `ref`, unless it is absent, expired or blocked."""
    with reading():
        raw = client().get_item(TableName=ref.table, Key=key_of(ref.pk, ref.sk), ConsistentRead=consistent).get("Item")
    if raw is None:
        return None
    record = ref.record.from_raw_data(raw)
    return None if record.is_absent() else record


def query(
    kind: type[R], pk: str, condition: Condition | None = None, *, consistent: bool = False, limit: int | None = None
) -> list[R]:
    """The live records under one partition key, in order of their sort key; the first `limit` of them."""
    with reading():
        found = kind.query(pk, condition, consistent_read=consistent, page_size=limit)
        return list(islice((record for record in found if not record.is_absent()), limit))


def latest(kind: type[R], pk: str, begins: str, *, before: str, most: int) -> list[R]:
    """Of the records whose sort keys begin so, the last `most` in their order, or before `begins + before`.

    What has expired or is blocked is among them and counts, so that a page never costs more than its length.
    """
    held = kind.sk.between(begins, f"{begins}{before or '~'}")
    with reading():
        found = list(kind.query(pk, held, consistent_read=True, scan_index_forward=False, limit=most + 1))
    return [each for each in found if each.sk != f"{begins}{before}"][:most]


def _batch_get(keys: Sequence[tuple[str, str, str]], *, consistent: bool) -> list[tuple[str, dict[str, Any]]]:
    request: dict[str, Any] = {}
    for table, pk, sk in keys:
        request.setdefault(table, {"Keys": [], "ConsistentRead": consistent})["Keys"].append(key_of(pk, sk))
    items: list[tuple[str, dict[str, Any]]] = []
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(0.05 * 2 ** (attempt - 1))
        with reading():
            answer = client().batch_get_item(RequestItems=request)
        items += [(table, raw) for table, raws in answer["Responses"].items() for raw in raws]
        request = answer.get("UnprocessedKeys") or {}
        if not request:
            return items
    raise TryAgainError


def key_of(pk: str, sk: str) -> dict[str, dict[str, str]]:
    """A key as DynamoDB writes it."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def client() -> Any:
    """The botocore client that PynamoDB uses too: one pool of connections in the process."""
    from chalicelib.records._tables import RecordsTable  # noqa: PLC0415 (tables import this module)

    return RecordsTable._get_connection().connection.client
