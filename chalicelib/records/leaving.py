"""Where everything of a member of staff lies who leaves.

Under their own key, in the table of records and in the one of what is kept briefly; on the sheets of their days, and in
the counts of their appointments.
"""

from typing import Any

from chalicelib.records._busy import reading
from chalicelib.records._tables import RecordsTable, TransientTable
from chalicelib.records.cap_count import CapCount
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.ending import HOLDS
from chalicelib.records.reading import Ref, client

_LAST = frozenset({"STAFF", HOLDS})


def belongings(tenant: str, staff: str) -> list[Ref[Any]]:
    """All that lies with a member, of whatever kind and state, but for the record that stands for the person."""
    own = f"TENANT#{tenant}#SUBJECT#{staff}"
    kept = [ref for ref in _under(RecordsTable, own) if ref.sk not in _LAST]
    beside = (DaySheet.partition(tenant, staff), CapCount.partition(tenant, staff))
    return [*kept, *_under(TransientTable, own), *(ref for pk in beside for ref in _under(RecordsTable, pk))]


def _under(table: type[RecordsTable | TransientTable], pk: str) -> list[Ref[Any]]:
    with reading():
        pages = (
            client()
            .get_paginator("query")
            .paginate(
                TableName=table.Meta.table_name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": pk}},
                ProjectionExpression="pk, sk",
                ConsistentRead=True,
            )
        )
        return [Ref(table, pk, raw["sk"]["S"]) for page in pages for raw in page["Items"]]
