"""What ends together: with the record that stands for a person, a tenant or a year, their key is destroyed.

A record's files lie under a prefix that follows from its key, so they can be found without the record. What is kept
without the person lies under a key that leads nowhere.
"""

import secrets
from datetime import date
from typing import Any

from pynamodb.expressions.condition import Condition

from chalicelib.domain.ids import INSTALLATION
from chalicelib.records._base import Record, Standing, part
from chalicelib.records._busy import reading
from chalicelib.records._fields import Form
from chalicelib.records._tables import RecordsTable
from chalicelib.records.keys import SubjectKey, TenantKey
from chalicelib.records.reading import Ref, client, query

HOLDS = "HOLDS"  # the sort key of the record that names the legal holds on a person
ANONYMOUS = "Anonymous"
_PEOPLE = ("CUSTOMER", "STAFF")


def ends_with(pk: str, sk: str) -> list[Ref[Any]]:
    """The keys to destroy in the transaction that removes the record at this key."""
    tenant, subject = part(pk, "TENANT"), part(pk, "SUBJECT")
    if sk in _PEOPLE and subject:
        return [SubjectKey.ref(tenant, subject)]
    if sk == "LEGAL-YEAR":
        return [SubjectKey.ref(tenant, subject)]
    if sk == "TENANT":
        return [SubjectKey.ref(tenant, tenant), TenantKey.ref(tenant)]
    return []


def stand_for(pk: str) -> list[Ref[Any]]:
    """Where the records lie that stand for a person: while one of them is there, the person has not ended."""
    return [Ref(RecordsTable, pk, sk) for sk in _PEOPLE]


def has_ended(pk: str) -> bool:
    """Whether nothing is left of a person that is live, restricted, blocked or held: only what is past its period."""
    with reading():
        pages = (
            client()
            .get_paginator("query")
            .paginate(
                TableName=RecordsTable.Meta.table_name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": pk}},
                ConsistentRead=True,
            )
        )
        left = (RecordsTable.from_raw_data(raw) for page in pages for raw in page["Items"])
        return all(record.standing() is Standing.EXPIRED for record in left)


def others_with_keys(tenant: str, *, than: set[str]) -> bool:
    """Whether somebody else of a tenant still has a key."""
    begins: Condition = SubjectKey.sk.startswith("SUBJECT#")
    found = query(SubjectKey, f"TENANT#{tenant}", begins, consistent=True, limit=len(than) + 1)
    return any(key.sk.removeprefix("SUBJECT#") not in than for key in found)


def is_of_a_person(pk: str) -> bool:
    """Whether everything under this key is about one person, who may be under a legal hold."""
    return bool(part(pk, "SUBJECT"))


def tenant_of(pk: str) -> str:
    """The tenant that a key belongs to; what belongs to none is the installation's."""
    return part(pk, "TENANT") or INSTALLATION


def files_of(pk: str, sk: str) -> str:
    """The prefix of the objects of the record at this key: ids only, and never the beginning of another's."""
    return f"{pk}#{sk}#".replace("#", "/")


def kind_of(pk: str, sk: str) -> str:
    """The kind of record that a key belongs to, as the proof counts it; never a part that tells whose it is."""
    if not pk.startswith("TENANT#"):
        return pk.partition("#")[0]
    return "DAY" if _is_day(sk) else sk.partition("#")[0]


def anonymised(kind: type[Record], raw: dict[str, Any]) -> tuple[Ref[Any], dict[str, Any]]:
    """What is kept of a record for ever, and where: its plain fields that people are told of, and nothing that points.

    Sealed fields, pseudonyms and what only the machinery needs are left out; so are key, version and all stamps. The
    new key is random, so it leads nowhere. No kind reads it as one of its own, and nothing will end it.
    """
    told = [name for name, said in kind.declarations().items() if said.form is Form.PLAIN and said.access]
    attributes = kind.get_attributes()
    names = [str(attributes[name].attr_name) for name in told]
    pk = f"TENANT#{tenant_of(raw['pk']['S'])}#ANONYMOUS"
    ref: Ref[Any] = Ref(RecordsTable, pk, f"{kind.kind_name()}#{secrets.token_hex(16)}")
    kept = {name: raw[name] for name in names if name in raw}
    return ref, {
        **kept,
        "pk": {"S": ref.pk},
        "sk": {"S": ref.sk},
        "kind": {"S": ANONYMOUS},
        "was": {"S": kind.kind_name()},
        "version": {"N": "1"},
    }


def _is_day(sk: str) -> bool:
    try:
        date.fromisoformat(sk)
    except ValueError:
        return False
    return True
