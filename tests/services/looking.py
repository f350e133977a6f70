"""Looks behind the services: what is stored, whatever its state, and what the ledger says."""

from typing import Any, TypeVar

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends

from chalicelib.domain.actions import Action
from chalicelib.records._base import Record
from chalicelib.records._tables import TABLES
from chalicelib.records.appointment import Appointment
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.notification import Notification
from tests.stage import AWS

R = TypeVar("R", bound=Record)


def raw(table: type[Record]) -> list[dict[str, Any]]:
    """Every item of a table, expired ones too. Asked of the fake itself: a scan of it is slow."""
    items = backend().tables[table.Meta.table_name].all_items()
    return [item.to_json()["Attributes"] for item in items]


def backend() -> DynamoDBBackend:
    """The tables behind the fake."""
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][AWS["AWS_DEFAULT_REGION"]]


def stored(kind: type[R]) -> list[R]:
    """Every record of a kind, expired ones too, in order of their keys."""
    table = next(each for each in TABLES if issubclass(kind, each))
    mine = [item for item in raw(table) if item["kind"]["S"] == kind.kind_name()]
    return [kind.from_raw_data(item) for item in sorted(mine, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))]


def ledger(*actions: Action) -> list[LedgerEntry]:
    """The entries with one of these actions."""
    return [each for each in stored(LedgerEntry) if each.action in actions]


def messages(name: str) -> list[Notification]:
    """The notifications of one message."""
    return [each for each in stored(Notification) if each.message == name]


def the(kind: type[R]) -> R:
    """The only record of a kind."""
    found = stored(kind)
    assert len(found) == 1, f"{len(found)} of {kind.__name__}"
    return found[0]


def busy_owners() -> list[str]:
    """Whose time is on the day sheets, one mention an entry; what is kept until a waiting list was asked left out."""
    entries = [entry for sheet in stored(DaySheet) for entry in sheet.content.entries]
    kept = {each.id for each in stored(FreedTime)}
    return [entry.owner for entry in entries if entry.owner not in kept]


def now_of(appointment: Appointment) -> Appointment:
    """The appointment as it is stored."""
    return next(each for each in stored(Appointment) if each.id == appointment.id)
