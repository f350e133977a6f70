"""The keys table as the keyring uses it: the first key stays, a destroyed one never comes back."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.sealing import Keyring
from chalicelib.domain.errors import KeyDestroyedError, TryAgainError
from chalicelib.records.ending import ends_with, kind_of
from chalicelib.records.keys import KeysInTable, SubjectKey, TenantKey
from chalicelib.records.reading import Ref
from chalicelib.records.writing import ContendedError, Transaction
from tests.records.record_builders import ANNA, BEN, NOW, OTHER, TENANT, person, shredded, store, stored
from tests.stage import Stage, stage


def discarded(*refs: Ref[Any]) -> None:
    """Destroys keys."""
    transaction = Transaction()
    for ref in refs:
        transaction.discard(ref)
    transaction.commit()


def another_process(on: Stage) -> Keyring:
    """A keyring that knows nothing yet, over the same keys."""
    return Keyring(KeysInTable(), on.kms, clock=on.clock)


# Tenants


def test_a_tenant_without_a_key() -> None:
    """There is none to be read."""
    with stage():
        assert KeysInTable().tenant_key(TENANT) is None


def test_of_two_claims_the_first_stays() -> None:
    """And both get to know it: nothing is ever sealed under a key that is not stored."""
    with stage():
        assert KeysInTable().claim_tenant_key(TENANT, b"first") == b"first"
        assert KeysInTable().claim_tenant_key(TENANT, b"second") == b"first"
        assert KeysInTable().tenant_key(TENANT) == b"first"
        assert KeysInTable().claim_tenant_key(OTHER, b"other") == b"other"


def test_two_processes_that_start_at_once_use_one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both see no key, both make one, one is stored: what either seals the other opens."""
    with stage() as on:
        first, second = another_process(on), another_process(on)
        seen_before = KeysInTable.tenant_key

        def late(store: KeysInTable, tenant: str) -> bytes | None:
            """What the second one sees was true before the first one stored its key."""
            monkeypatch.setattr(KeysInTable, "tenant_key", seen_before)
            first.tenant_ready(TENANT)
            return None

        monkeypatch.setattr(KeysInTable, "tenant_key", late)
        second.tenant_ready(TENANT)

        assert first.index(TENANT, "test", "value") == second.index(TENANT, "test", "value")
        assert first.link_key(TENANT) == second.link_key(TENANT) == another_process(on).link_key(TENANT)


@pytest.mark.parametrize(("there", "given"), [(b"theirs", b"theirs"), (None, None)])
def test_a_claim_at_the_very_same_moment(
    there: bytes | None, given: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DynamoDB refuses both or one: whoever is refused takes what is stored by then, or tries again."""

    def contended(_: Transaction) -> None:
        raise ContendedError

    with stage():
        if there:
            KeysInTable().claim_tenant_key(TENANT, there)
        monkeypatch.setattr(Transaction, "commit", contended)

        if given is None:
            with pytest.raises(TryAgainError):
                KeysInTable().claim_tenant_key(TENANT, b"mine")
        else:
            assert KeysInTable().claim_tenant_key(TENANT, b"mine") == given


def test_a_key_that_is_destroyed_while_it_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim was lost, and there is nothing to take: better none than one that is not stored."""
    with stage():
        KeysInTable().claim_tenant_key(TENANT, b"first")
        monkeypatch.setattr(KeysInTable, "tenant_key", lambda *_: None)

        with pytest.raises(TryAgainError):
            KeysInTable().claim_tenant_key(TENANT, b"second")


def test_a_destroyed_tenant_key_is_gone() -> None:
    """For every process that has not got it in memory."""
    with stage() as on:
        person(on)
        discarded(TenantKey.ref(TENANT))

        assert KeysInTable().tenant_key(TENANT) is None
        with pytest.raises(KeyDestroyedError):
            another_process(on).index(TENANT, "test", "value")


# People


def test_the_keys_that_exist() -> None:
    """Those asked for, of this tenant, and nothing in place of a missing one."""
    with stage():
        store(SubjectKey.of(TENANT, ANNA, b"anna"), SubjectKey.of(OTHER, BEN, b"ben elsewhere"))

        assert KeysInTable().subject_keys(TENANT, [ANNA, BEN]) == {ANNA: b"anna"}
        assert KeysInTable().subject_keys(OTHER, [BEN]) == {BEN: b"ben elsewhere"}
        assert KeysInTable().subject_keys(TENANT, []) == {}


def test_a_destroyed_key_is_gone() -> None:
    """The others of the tenant stay."""
    with stage() as on:
        person(on, subject=ANNA)
        person(on, subject=BEN)
        shredded(on, subject=ANNA)

        assert KeysInTable().subject_keys(TENANT, [ANNA, BEN]).keys() == {BEN}
        with pytest.raises(KeyDestroyedError):
            on.vault.seal(b"x", tenant=TENANT, subject=ANNA, aad=b"")


@pytest.mark.parametrize(("seconds", "there"), [(-1, True), (0, False), (1, False)])
def test_a_key_ends_at_its_second(seconds: int, *, there: bool) -> None:
    """Should it not have been removed yet, it is absent all the same, and its TTL follows."""
    with stage() as on:
        tenant_ref, subject_ref = TenantKey.ref(TENANT), SubjectKey.ref(TENANT, ANNA)
        end = NOW + timedelta(hours=1)
        store(
            TenantKey(tenant_ref.pk, tenant_ref.sk, wrapped=b"tenant", ended_at=end),
            SubjectKey(subject_ref.pk, subject_ref.sk, wrapped=b"anna", ended_at=end),
        )
        on.clock.now = end + timedelta(seconds=seconds)

        assert (KeysInTable().tenant_key(TENANT) is not None) is there
        assert (KeysInTable().subject_keys(TENANT, [ANNA]) == {ANNA: b"anna"}) is there
        item = stored(subject_ref)
    assert item is not None
    assert item["ttl"] == {"N": str(int((end + timedelta(hours=24)).timestamp()))}


# What ends together


@pytest.mark.parametrize(
    ("pk", "sk", "keys"),
    [
        (f"TENANT#{TENANT}#SUBJECT#{ANNA}", "CUSTOMER", [SubjectKey.ref(TENANT, ANNA)]),
        (f"TENANT#{TENANT}#SUBJECT#{ANNA}", "STAFF", [SubjectKey.ref(TENANT, ANNA)]),
        (f"TENANT#{TENANT}", "TENANT", [SubjectKey.ref(TENANT, TENANT), TenantKey.ref(TENANT)]),
        (f"TENANT#{TENANT}#SUBJECT#{ANNA}", "APPOINTMENT#1", []),
        (f"TENANT#{TENANT}#SUBJECT#{ANNA}", "NOTIFICATION#1", []),
        (f"TENANT#{TENANT}", "CUSTOMER-ADDRESS#1", []),
        (f"TENANT#{TENANT}", "CUSTOMER", []),
        (f"TENANT#{TENANT}", "SERVICE#1", []),
    ],
)
def test_keys_end_with_whom_they_belong_to(pk: str, sk: str, keys: list[Any]) -> None:
    """A person's with the record that stands for the person, a tenant's with the tenant; nothing else takes one."""
    assert ends_with(pk, sk) == keys


@pytest.mark.parametrize(
    ("pk", "sk", "kind"),
    [
        (f"TENANT#{TENANT}#SUBJECT#{ANNA}", "APPOINTMENT#1", "APPOINTMENT"),
        (f"TENANT#{TENANT}#SUBJECT#{ANNA}", "CUSTOMER", "CUSTOMER"),
        (f"TENANT#{TENANT}", "CUSTOMER-ADDRESS#0123", "CUSTOMER-ADDRESS"),
        (f"TENANT#{TENANT}#DAY#{ANNA}", "2026-11-02", "DAY"),
        (f"TENANT#{TENANT}", "TENANT", "TENANT"),
        ("SUPPRESSION#email", "0123456789abcdef0123456789abcdef", "SUPPRESSION"),
        ("STAFF-ADDRESS#0123456789abcdef0123456789abcdef", "CLAIM", "STAFF-ADDRESS"),
    ],
)
def test_a_proof_counts_kinds(pk: str, sk: str, kind: str) -> None:
    """And holds nothing of whose record it was: no id, no keyed hash of an address, no day."""
    assert kind_of(pk, sk) == kind
