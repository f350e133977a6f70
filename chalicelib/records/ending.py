"""What ends together: with the record that stands for a person or a tenant, their key is destroyed."""

from datetime import date
from typing import Any

from chalicelib.records._base import part
from chalicelib.records.keys import SubjectKey, TenantKey
from chalicelib.records.reading import Ref

_PEOPLE = {"CUSTOMER", "STAFF"}


def ends_with(pk: str, sk: str) -> list[Ref[Any]]:
    """The keys to destroy in the transaction that removes the record at this key."""
    tenant, subject = part(pk, "TENANT"), part(pk, "SUBJECT")
    if sk in _PEOPLE and subject:
        return [SubjectKey.ref(tenant, subject)]
    if sk == "TENANT":
        return [SubjectKey.ref(tenant, tenant), TenantKey.ref(tenant)]
    return []


def kind_of(pk: str, sk: str) -> str:
    """The kind of record that a key belongs to, as the proof counts it; never a part that tells whose it is."""
    if not pk.startswith("TENANT#"):
        return pk.partition("#")[0]
    return "DAY" if _is_day(sk) else sk.partition("#")[0]


def _is_day(sk: str) -> bool:
    try:
        date.fromisoformat(sk)
    except ValueError:
        return False
    return True
