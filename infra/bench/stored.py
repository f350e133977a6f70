"""Fills the records table with appointments as they are stored, some of them past their period."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from chalicelib.records._base import EXPIRY, shard
from chalicelib.records._tables import TABLES, KeysTable, RecordsTable, bind
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer
from tests.fakes import DrivenClock
from tests.stage import settings

_BATCH = 25
_WRITERS = 4
_TENANTS = 10


class _Padding:
    """Seals by length only: the sweep never opens anything."""

    def seal(self, plain: bytes, *, tenant: str, subject: str, aad: bytes) -> bytes:
        return bytes(len(plain) + 29)

    def open(self, blob: bytes, *, tenant: str, subject: str, aad: bytes) -> bytes:
        raise AssertionError("nothing is opened")


def make_tables(clock: DrivenClock) -> None:
    """The four tables, empty, and the records bound to them."""
    names = {name: getattr(settings(), f"{name}_table") for name in ("records", "keys", "ledger", "transient")}
    bind(names=names, clock=clock, sealer=_Padding)
    for table in TABLES:
        table.create_table(wait=True)


@dataclass(frozen=True)
class Store:
    """Writes raw items: `client` is that of botocore."""

    client: Any
    now: datetime

    def add(self, number: int, *, expires: datetime, seed: int) -> None:
        """So many appointments that all end then, of ten tenants; the same ones for the same seed."""
        items = self._items(number, expires, Random(seed))  # noqa: S311 - a repeatable layout, nothing secret
        self._put_all(items, RecordsTable.Meta.table_name)

    def add_people(self, number: int, *, expires: datetime, seed: int) -> None:
        """So many people with a key each, who all end then."""
        random = Random(seed)  # noqa: S311 - a repeatable layout, nothing secret
        at = {"N": str(int(expires.timestamp()))}
        tenants, shape = [_id(random) for _ in range(_TENANTS)], _customer(self.now).serialize()
        people = [(tenants[index % _TENANTS], _id(random)) for index in range(number)]
        items = (
            {
                **shape,
                **_key(f"TENANT#{tenant}#SUBJECT#{who}", "CUSTOMER"),
                **_due(at, f"TENANT#{tenant}#SUBJECT#{who}"),
            }
            for tenant, who in people
        )
        keys = ({**_key(f"TENANT#{tenant}", f"SUBJECT#{who}"), **_KEY} for tenant, who in people)
        self._put_all(items, RecordsTable.Meta.table_name)
        self._put_all(keys, KeysTable.Meta.table_name)

    def _put_all(self, items: Iterator[dict[str, Any]], table: str) -> None:
        batches = iter(lambda: list(islice(items, _BATCH)), [])
        with ThreadPoolExecutor(_WRITERS) as writers:
            for _ in writers.map(lambda batch: self._put(batch, table), batches):
                pass

    def _put(self, items: list[dict[str, Any]], table: str) -> None:
        requests = [{"PutRequest": {"Item": item}} for item in items]
        left = self.client.batch_write_item(RequestItems={table: requests})
        if left.get("UnprocessedItems"):
            raise RuntimeError("the emulator left items unwritten")

    def _items(self, number: int, expires: datetime, random: Random) -> Iterator[dict[str, Any]]:
        shape = _appointment(self.now).serialize()
        at = {"N": str(int(expires.timestamp()))}
        tenants = [_id(random) for _ in range(_TENANTS)]
        for index in range(number):
            pk = f"TENANT#{tenants[index % _TENANTS]}#SUBJECT#{_id(random)}"
            yield {**shape, **_key(pk, f"APPOINTMENT#{_id(random)}"), **_due(at, pk)}


_KEY = {"kind": {"S": "SubjectKey"}, "version": {"N": "1"}, "wrapped": {"B": bytes(40)}}


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _due(at: dict[str, str], pk: str) -> dict[str, Any]:
    return {"expires_at": at, "due_at": at, "due_shard": {"S": shard(EXPIRY, pk)}}


def _id(random: Random) -> str:
    return f"{random.getrandbits(128):032x}"


def _customer(now: datetime) -> Customer:
    ref = Customer.ref("1" * 32, "2" * 32)
    return Customer(
        ref.pk,
        ref.sk,
        language="de",
        created_at=now,
        last_appointment_at=now,
        email_index="6" * 32,
        given_name="Anna",
        family_name="Muster",
        email="anna.muster@kundin.example",
    )


def _appointment(now: datetime) -> Appointment:
    ref = Appointment.ref("1" * 32, "2" * 32, "3" * 32)
    return Appointment(
        ref.pk,
        ref.sk,
        service="4" * 32,
        expert="5" * 32,
        state=State.CONFIRMED,
        starts_at=now,
        ends_at=now + timedelta(hours=1),
        blocked_from=now,
        blocked_until=now + timedelta(hours=1),
        booked_at=now,
        changed_at=now,
        language="de",
        customer_zone="Europe/Zurich",
        given_name="Anna",
        family_name="Muster",
        email="anna.muster@kundin.example",
    )
