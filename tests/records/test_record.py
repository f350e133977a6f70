"""Record: no kind without a handling; expiry, TTL and the place in the due index follow from it on every write."""

from datetime import UTC, datetime, timedelta
from zlib import crc32

import pytest

from chalicelib.domain.delivery import Delivery
from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.domain.tokens import Token
from chalicelib.records._base import EXPIRY, SEND, SHARDS, part, shard, shards
from chalicelib.records._binding import Binding, NotBoundError
from chalicelib.records._tables import RecordsTable
from chalicelib.records.customer import Customer
from chalicelib.records.notification import IN_OUTBOX
from chalicelib.records.service import Service
from chalicelib.records.session import Session
from chalicelib.records.writing import Transaction
from tests.fakes import DrivenClock
from tests.records.record_builders import (
    ANNA,
    NOW,
    TENANT,
    YEAR_ON,
    customer,
    epoch,
    notification,
    person,
    ref_of,
    staff,
    store,
    stored,
    suppression,
)
from tests.stage import stage

HANDLING = Handling(
    category=Category.TECHNICAL,
    purposes=(Purpose.OPERATION,),
    basis=Basis.CONTRACT,
    source=Source.SYSTEM,
    about=Subject.NOBODY,
    recipients=(),
    keep=(Keep(days(1), "ended_at"),),
    then=Then.DELETE,
)


def session(**changes: datetime) -> Session:
    """A session that was opened and last used now."""
    ref = Session.ref(Token.new(TENANT, ANNA))
    return Session(ref.pk, ref.sk, portal="admin", means="link", **{"started_at": NOW, "seen_at": NOW, **changes})


def service(**changes: datetime) -> Service:
    """A service on offer."""
    ref = Service.ref(TENANT, "5" * 32)
    values = {"name": "Erstgespräch", "duration": 60, "step": 30, "horizon_days": 90, "reminder_minutes": 0}
    return Service(ref.pk, ref.sk, zone="Europe/Zurich", experts={ANNA}, created_at=NOW, **{**values, **changes})


# Declaring a kind


def test_a_kind_without_a_handling_cannot_be_defined() -> None:
    """What nobody said why and how long can't be stored."""
    with pytest.raises(TypeError, match="record kind Undeclared declares no handling"):

        class Undeclared(RecordsTable, discriminator="Undeclared"):
            """Says nothing."""


def test_a_handling_is_not_inherited() -> None:
    """A kind made out of another says for itself what it is for."""
    with pytest.raises(TypeError, match="record kind Vip declares no handling"):

        class Vip(Customer, discriminator="Vip"):
            """A customer, but different."""


def test_a_handling_is_no_text() -> None:
    """A word in its place declares nothing."""
    with pytest.raises(TypeError, match="record kind Vague declares no handling"):

        class Vague(RecordsTable, discriminator="Vague"):
            """Says something."""

            handling = "as long as we like"  # type: ignore[assignment]


def test_a_table_is_no_kind() -> None:
    """Only what stands in a table declares; the tables themselves are abstract."""
    assert RecordsTable.abstract
    assert not Customer.abstract


# Expiry


@pytest.mark.parametrize(
    ("left", "unconfirmed", "expiry"),
    [
        (None, None, None),
        (NOW, None, NOW),
        (None, NOW, NOW + timedelta(days=7)),
        (NOW + timedelta(days=6), NOW, NOW + timedelta(days=6)),
        (NOW + timedelta(days=7), NOW, NOW + timedelta(days=7)),
        (NOW + timedelta(days=8), NOW, NOW + timedelta(days=7)),
    ],
)
def test_the_first_period_to_end_holds(
    left: datetime | None, unconfirmed: datetime | None, expiry: datetime | None
) -> None:
    """A period whose field has no value is not running yet; with none running the record stays."""
    record = staff(left_at=left, unconfirmed_since=unconfirmed)

    assert record.expiry() == expiry


@pytest.mark.parametrize(
    ("unused", "expiry"),
    [
        (timedelta(), NOW + timedelta(hours=8)),
        (timedelta(days=6, hours=15), NOW + timedelta(days=6, hours=23)),
        (timedelta(days=6, hours=16), NOW + timedelta(days=7)),
        (timedelta(days=6, hours=17), NOW + timedelta(days=7)),
    ],
)
def test_a_session_ends_by_rest_or_by_age(unused: timedelta, expiry: datetime) -> None:
    """Eight hours without use or a week in all, whichever comes first."""
    assert session(seen_at=NOW + unused).expiry() == expiry


@pytest.mark.parametrize(
    ("zone", "expiry"),
    [
        ("Europe/Zurich", datetime(2027, 10, 30, 22, 30, tzinfo=UTC)),  # half past midnight, in summer time by then
        ("UTC", datetime(2027, 10, 30, 23, 30, tzinfo=UTC)),
    ],
)
def test_months_are_counted_in_the_records_zone(zone: str, expiry: datetime) -> None:
    """On the wall of the tenant, not of the machine."""
    last = datetime(2026, 10, 30, 23, 30, tzinfo=UTC)

    assert customer(zone=zone, last_appointment_at=last).expiry() == expiry


def test_expiry_follows_the_field_on_every_write() -> None:
    """A customer who comes again stays for twelve months from then."""
    with stage() as on:
        person(on)
        record = customer()
        store(record)
        first = stored(ref_of(record))
        record.last_appointment_at = NOW + timedelta(days=30)
        transaction = Transaction()
        transaction.update(record)
        transaction.commit()
        second = stored(ref_of(record))

    assert first is not None
    assert second is not None
    assert (first["expires_at"], first["ttl"]) == (epoch(YEAR_ON), epoch(YEAR_ON + timedelta(hours=24)))
    moved = YEAR_ON + timedelta(days=30)
    assert (second["expires_at"], second["ttl"]) == (epoch(moved), epoch(moved + timedelta(hours=24)))
    assert second["due_at"] == epoch(moved)


def test_what_has_no_end_yet_has_no_expiry_no_ttl_and_no_place_in_the_index() -> None:
    """And loses all three when its end is taken back."""
    with stage():
        record = service(ended_at=NOW)
        store(record)
        ended = stored(ref_of(record))
        record.ended_at = None
        transaction = Transaction()
        transaction.update(record)
        transaction.commit()
        running = stored(ref_of(record))

    stamps = {"expires_at", "ttl", "due_shard", "due_at"}
    assert ended is not None
    assert running is not None
    assert stamps <= ended.keys()
    assert not stamps & running.keys()


def test_tables_without_the_index_have_no_place_in_it() -> None:
    """Sessions end by reading and TTL alone."""
    with stage():
        record = session()
        store(record)
        item = stored(ref_of(record))

    assert item is not None
    assert item["ttl"] == epoch(NOW + timedelta(hours=32))
    assert not {"due_shard", "due_at"} & item.keys()


# The due index


@pytest.mark.parametrize("state", Delivery)
def test_a_notification_waits_to_be_sent_and_then_to_end(state: Delivery) -> None:
    """In the outbox its next try is due; afterwards its expiry."""
    record = notification(state=state, next_at=NOW + timedelta(minutes=5))
    record.stamp()

    waits = state in IN_OUTBOX
    assert record.due_shard == shard(SEND if waits else EXPIRY, record.pk)
    assert record.due_at == (NOW + timedelta(minutes=5) if waits else YEAR_ON)
    assert record.expires_at == YEAR_ON


def test_the_outbox_is_what_was_not_handed_over_for_sure() -> None:
    """Waiting, being sent, or of unknown fate."""
    assert {Delivery.WAITING, Delivery.SENDING, Delivery.UNKNOWN} == IN_OUTBOX


def test_shards() -> None:
    """Each key has one, all are used, and none lies outside of those that are read."""
    keys = [f"TENANT#{number:032x}" for number in range(200)]

    used = {shard(EXPIRY, key) for key in keys}
    assert used == set(shards(EXPIRY))
    assert len(used) == SHARDS
    assert not used & set(shards(SEND))
    assert shard(EXPIRY, keys[0]) == f"EXPIRY#{crc32(keys[0].encode()) % SHARDS}"


# Keys


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        ("TENANT#1#SUBJECT#2", "TENANT", "1"),
        ("TENANT#1#SUBJECT#2", "SUBJECT", "2"),
        ("TENANT#1", "SUBJECT", ""),
        ("SESSION#1", "TENANT", ""),
        ("TENANT", "TENANT", ""),
        ("", "TENANT", ""),
    ],
)
def test_parts_of_a_key(key: str, name: str, value: str) -> None:
    """Whom a record is about can be read off its key."""
    assert part(key, name) == value


def test_whose_a_record_is() -> None:
    """The person's, else the tenant's, else the installation's."""
    assert (customer().tenant, customer().subject) == (TENANT, ANNA)
    assert (service().tenant, service().subject) == (TENANT, TENANT)
    assert (suppression("0" * 32).tenant, suppression("0" * 32).subject) == ("", "")


# Binding


def test_unbound_records_say_so() -> None:
    """A record used before the composition root ran has no clock and no keys."""
    with pytest.raises(NotBoundError, match="clock"):
        Binding().now()
    with pytest.raises(NotBoundError, match="sealer"):
        Binding(clock=DrivenClock()).seals()


def test_records_keep_whole_seconds() -> None:
    """In UTC, cut off, whatever the clock gives."""
    precise = DrivenClock(NOW + timedelta(microseconds=999_999))

    assert Binding(clock=precise).now() == NOW
    assert Binding(clock=precise).now().tzinfo is UTC
