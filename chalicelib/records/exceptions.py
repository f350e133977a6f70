"""The one way to what is blocked or restricted: with a ground, and with an entry in the ledger before anything is seen.

What is handed out here may be opened and changed; each change of it leaves an entry of its own, in the transaction
that makes it (see `writing`).
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked, Ground
from chalicelib.records._base import Record, Standing
from chalicelib.records._binding import binding
from chalicelib.records._busy import reading
from chalicelib.records._tables import RecordsTable
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, client, key_of
from chalicelib.records.writing import Transaction

R = TypeVar("R", bound=Record)


def fetch_excepted(ref: Ref[R], asked: Asked) -> R | None:
    """The record at `ref`, be it live, restricted or (where the ground reaches it) blocked; None when it is not."""
    with reading():
        raw = client().get_item(TableName=ref.table, Key=key_of(ref.pk, ref.sk), ConsistentRead=True).get("Item")
    found = [] if raw is None else _admitted([ref.record.from_raw_data(raw)], asked)
    return found[0] if found else None


def everything_about(tenant: str, subject: str, asked: Asked) -> list[Record]:
    """Everything in a person's partition that the ground reaches, of every kind, in order of the sort key."""
    with reading():
        pages = (
            client()
            .get_paginator("query")
            .paginate(
                TableName=Ref(RecordsTable, "", "").table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": f"TENANT#{tenant}#SUBJECT#{subject}"}},
                ConsistentRead=True,
            )
        )
        raws = [raw for page in pages for raw in page["Items"]]
    return _admitted([RecordsTable.from_raw_data(raw) for raw in raws], asked)


def _admitted(records: Iterable[R], asked: Asked) -> list[R]:
    seen = {Standing.LIVE, Standing.RESTRICTED} | ({Standing.BLOCKED} if asked.ground.opens_blocked else set())
    admitted = [record for record in records if record.standing() in seen]
    excepted = [record for record in admitted if record.standing() is not Standing.LIVE]
    _note(excepted, asked)
    for record in excepted:
        record.asked = asked
    return admitted


def _note(records: Sequence[Record], asked: Asked) -> None:
    """One entry a person, with how many records of which kind were handed out."""
    people: dict[tuple[str, str], dict[str, int]] = {}
    for record in records:
        counts = people.setdefault((record.tenant, record.subject), {})
        counts[record.kind_name()] = counts.get(record.kind_name(), 0) + 1
    transaction = Transaction()
    for (tenant, subject), counts in people.items():
        transaction.create(_entry(tenant, subject, counts, asked))
    if len(transaction):
        transaction.commit()


def _entry(tenant: str, subject: str, counts: dict[str, int], asked: Asked) -> LedgerEntry:
    own = asked.ground is Ground.SUBJECT_CONSENT
    action = Action.CUSTOMER_EXCEPTION_READ if own else Action.STAFF_EXCEPTION_READ
    return LedgerEntry.of(
        tenant,
        action,
        at=binding.now(),
        actor=asked.actor,
        about=subject,
        network=asked.network,
        ground=asked.ground.value,
        counts=counts,
    )
