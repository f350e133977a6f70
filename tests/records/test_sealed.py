"""Sealed fields: one blob under the person's key, bound to its place, unreadable when the key is gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.errors import KeyDestroyedError
from chalicelib.records._base import Record
from chalicelib.records._binding import binding
from chalicelib.records._fields import Erase, Form
from chalicelib.records.customer import Customer
from chalicelib.records.keys import TenantKey
from chalicelib.records.reading import Ref, client, fetch
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.writing import LostRaceError, Transaction
from tests.records.record_builders import (
    ANNA,
    BEN,
    OTHER,
    PERSONAL,
    TENANT,
    appointment,
    customer,
    person,
    ref_of,
    shredded,
    staff,
    store,
    stored,
)
from tests.stage import stage


class OneKeyForAll:
    """A sealer that protects nothing but the place: what is opened elsewhere than it was sealed is refused."""

    def seal(self, plain: bytes, *, tenant: str, subject: str, aad: bytes) -> bytes:
        """The place, then the bytes."""
        return aad + b"\n" + plain

    def open(self, blob: bytes, *, tenant: str, subject: str, aad: bytes) -> bytes:
        """The bytes, in the same place only."""
        place, plain = blob.split(b"\n", 1)
        if place != aad:
            raise ValueError("sealed elsewhere")
        return plain


@contextmanager
def bound_by_place_only() -> Iterator[None]:
    """Takes the keys out of the picture, so that only the associated data is left."""
    with stage(), mock.patch.object(binding, "sealer", OneKeyForAll):
        yield


def item_of(record: Record) -> dict[str, Any]:
    """The stored item of a record that is there."""
    item = stored(ref_of(record))
    assert item is not None
    return item


def moved(blob_of: Record, to: Record) -> Record:
    """`to` as it is read back after somebody put the blob of another record into it."""
    store(blob_of, to)
    table = ref_of(to).table
    client().put_item(TableName=table, Item={**item_of(to), "sealed": item_of(blob_of)["sealed"]})
    found: Record | None = fetch(ref_of(to))
    assert found is not None
    return found


def saved(record: Record) -> None:
    """Writes a record that was read."""
    transaction = Transaction()
    transaction.update(record)
    transaction.commit()


def loaded() -> Customer:
    """The customer as read afresh."""
    found = fetch(Customer.ref(TENANT, ANNA))
    assert found is not None
    return found


def test_what_is_stored_names_nobody() -> None:
    """No personal value and no personal field stands in the item; what was sealed comes back."""
    with stage() as on:
        person(on)
        record = customer()
        store(record)
        item, found = item_of(record), loaded()

        assert {name: getattr(found, name) for name in PERSONAL} == PERSONAL
    text = str({name: value for name, value in item.items() if name != "sealed"}).encode() + item["sealed"]["B"]
    assert not [value for value in PERSONAL.values() if value.encode() in text]
    assert not PERSONAL.keys() & item.keys()
    assert item["sealed"]["B"][:1] == b"\x01"


def test_values_keep_their_kind() -> None:
    """None stays None, and what was never given is None."""
    with stage() as on:
        person(on)
        record = customer(phone=None)
        store(record)

        assert loaded().phone is None
        assert loaded().opened() == {**PERSONAL, "phone": None}


def test_a_kind_without_personal_fields_stores_no_blob() -> None:
    """And needs no key: nobody has one here."""
    ref = Service.ref(TENANT, "5" * 32)
    with stage():
        record = Service(
            ref.pk, ref.sk, name="x", duration=60, step=30, horizon_days=9, reminder_minutes=0, experts={ANNA},
            created_at=binding.now(),
        )  # fmt: skip
        store(record)

        assert "sealed" not in item_of(record)
        assert record.opened() == {}


@pytest.mark.parametrize(
    ("blob_of", "to"),
    [
        (appointment(thing="1" * 32), appointment(thing="2" * 32)),
        (customer(), staff()),
        (customer(subject=ANNA), customer(subject=BEN)),
        (customer(tenant=TENANT), customer(tenant=OTHER)),
    ],
    ids=["sort key", "kind", "subject", "tenant"],
)
def test_a_blob_belongs_to_its_place(blob_of: Record, to: Record) -> None:
    """Somebody with write access to the table can't show one person's data in another's place."""
    with bound_by_place_only():
        found = moved(blob_of, to)

        with pytest.raises(ValueError, match="sealed elsewhere"):
            found.opened()


@pytest.mark.parametrize(
    ("blob_of", "to"),
    [
        (appointment(thing="1" * 32), appointment(thing="2" * 32)),
        (customer(), staff()),
        (customer(subject=ANNA), customer(subject=BEN)),
        (customer(tenant=TENANT), customer(tenant=OTHER)),
    ],
    ids=["sort key", "kind", "subject", "tenant"],
)
def test_a_blob_is_opened_by_the_real_keys_in_its_place_only(blob_of: Record, to: Record) -> None:
    """The same with the real cipher."""
    with stage() as on:
        for tenant, subject in ((TENANT, ANNA), (TENANT, BEN), (OTHER, ANNA)):
            person(on, tenant=tenant, subject=subject)
        found = moved(blob_of, to)

        with pytest.raises(ValueError, match="sealed data can't be opened"):
            found.opened()


def test_a_blob_belongs_to_its_kind() -> None:
    """A customer can't be made into a member of staff by rewriting the word that says what the item is."""
    with bound_by_place_only():
        record = customer()
        store(record)
        forged = Staff(record.pk, record.sk, sealed=item_of(record)["sealed"]["B"])

        assert loaded().opened() == PERSONAL
        with pytest.raises(ValueError, match="sealed elsewhere"):
            forged.opened()


def test_a_changed_blob_is_refused() -> None:
    """One bit is enough."""
    with stage() as on:
        person(on)
        record = customer()
        store(record)
        item = item_of(record)
        blob = bytearray(item["sealed"]["B"])
        blob[-1] ^= 1
        client().put_item(TableName=ref_of(record).table, Item={**item, "sealed": {"B": bytes(blob)}})

        with pytest.raises(ValueError, match="sealed data can't be opened"):
            loaded().opened()


def test_what_is_not_opened_is_saved_as_it_was() -> None:
    """A record about a shredded person can still be changed and deleted; nothing is sealed anew."""
    with stage() as on:
        person(on)
        record = customer()
        store(record)
        before = item_of(record)
        shredded(on)
        found = loaded()
        found.language = "fr"
        saved(found)
        after = item_of(record)

    assert after["sealed"] == before["sealed"]
    assert (after["language"], after["version"]) == ({"S": "fr"}, {"N": "2"})


def test_one_field_is_changed_and_the_others_stay() -> None:
    """The blob is sealed anew, never twice with the same bytes."""
    with stage() as on:
        person(on)
        record = customer()
        store(record)
        blobs = [item_of(record)["sealed"]["B"]]
        found = loaded()
        found.phone = "+41795550999"
        saved(found)
        blobs.append(item_of(record)["sealed"]["B"])
        again = loaded()
        assert again.opened() == {**PERSONAL, "phone": "+41795550999"}
        saved(again)
        blobs.append(item_of(record)["sealed"]["B"])

        assert len(set(blobs)) == 3
        assert loaded().opened() == {**PERSONAL, "phone": "+41795550999"}


@pytest.mark.parametrize("what", ["subject", "tenant"])
def test_without_the_key_nothing_personal_is_left(what: str) -> None:
    """The rest of the record can be read, the person can't, and nothing new can be sealed about them."""
    with stage() as on:
        person(on)
        store(customer())
        if what == "subject":
            shredded(on)
        else:
            transaction = Transaction()
            transaction.discard(TenantKey.ref(TENANT))
            transaction.commit()
            on.vault.forget(TENANT)
        found = loaded()

        assert found.language == "de"
        with pytest.raises(KeyDestroyedError):
            assert found.email
        with pytest.raises(KeyDestroyedError):
            found.email = "new@kundin.example"
        with pytest.raises(KeyDestroyedError):
            customer(email="other@kundin.example").serialize()


def test_nothing_is_sealed_for_a_person_without_a_key() -> None:
    """A person's key is made with their first record and nowhere else."""
    with stage() as on:
        person(on)

        with pytest.raises(KeyDestroyedError):
            store(customer(subject=BEN))
        assert stored(Customer.ref(TENANT, BEN)) is None


def test_who_loses_the_race_has_not_changed_what_is_sealed() -> None:
    """A blob is written under the version it was read with, like everything else."""
    with stage() as on:
        person(on)
        store(customer())
        first, second = loaded(), loaded()
        first.email, second.email = "first@kundin.example", "second@kundin.example"
        saved(first)

        with pytest.raises(LostRaceError):
            saved(second)
        assert loaded().email == "first@kundin.example"


def test_a_field_says_what_becomes_of_it() -> None:
    """Asked of the class, a sealed field is its own declaration."""
    assert Customer.email is Customer.sealed_fields()["email"]
    said = Customer.email.declared
    assert (said.form, said.access, said.export, said.erase) == (Form.SEALED, True, True, Erase.REMOVE)
    assert Customer.declarations()["email"] is said
    assert [*Customer.sealed_fields()] == ["given_name", "family_name", "email", "phone"]
    assert Customer.email.name == "email"


def test_the_error_of_a_missing_key_names_ids_only() -> None:
    """So that it may be logged."""
    with stage() as on:
        person(on)
        store(customer())
        shredded(on)

        with pytest.raises(KeyDestroyedError) as caught:
            loaded().opened()

    assert ANNA in str(caught.value)
    assert not [value for value in PERSONAL.values() if value in str(caught.value)]


def test_a_reference_of_another_kind_is_refused() -> None:
    """What lies there is no service, and nothing pretends that it is."""
    with stage() as on:
        person(on)
        store(customer())
        ref = Customer.ref(TENANT, ANNA)

        with pytest.raises(ValueError, match="Customer"):
            fetch(Ref(Service, ref.pk, ref.sk))
