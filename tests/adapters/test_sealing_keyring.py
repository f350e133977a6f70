"""The keyring: who can open what, which keys are fetched when, and what is left after shredding."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.adapters.sealing import Keyring
from chalicelib.domain.errors import KeyDestroyedError

TENANT, OTHER_TENANT, INSTALLATION = "1" * 32, "2" * 32, "0" * 32
ANNA, BEN = "a" * 32, "b" * 32
REFUSED = r"^sealed data can't be opened$"
START = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass
class MemoryKeys:
    """A key store that counts what it is asked."""

    tenants: dict[str, bytes] = field(default_factory=dict)
    subjects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    reads: list[list[str]] = field(default_factory=list)
    during_read: Callable[[], object] = lambda: None

    def tenant_key(self, tenant: str) -> bytes | None:
        """The stored key, or None."""
        return self.tenants.get(tenant)

    def claim_tenant_key(self, tenant: str, wrapped: bytes) -> bytes:
        """The first one stays."""
        return self.tenants.setdefault(tenant, wrapped)

    def subject_keys(self, tenant: str, subjects: list[str]) -> dict[str, bytes]:
        """Those that are stored; the question is remembered."""
        self.reads.append(subjects)
        self.during_read()
        return {subject: self.subjects[tenant, subject] for subject in subjects if (tenant, subject) in self.subjects}


@dataclass
class CountingKms:
    """Makes keys that differ, and 'wraps' them by writing the tenant in front."""

    calls: list[str] = field(default_factory=list)

    def new_data_key(self, tenant: str) -> tuple[bytes, bytes]:
        """A key and its wrapping."""
        self.calls.append("new")
        key = bytes([len(self.calls)]) * 31 + tenant[:1].encode()
        return key, tenant.encode() + key

    def open_data_key(self, tenant: str, wrapped: bytes) -> bytes:
        """The key in the wrapping."""
        self.calls.append("open")
        if wrapped[:32] != tenant.encode():
            raise ValueError("wrapped for another tenant")
        return wrapped[32:]


@dataclass
class World:
    """Keys, KMS and time that outlive the processes (keyrings) of a test."""

    keys: MemoryKeys = field(default_factory=MemoryKeys)
    kms: CountingKms = field(default_factory=CountingKms)
    passed: float = 0

    def process(self, **bounds: Any) -> Keyring:
        """A fresh process."""
        return Keyring(
            self.keys,
            self.kms,
            clock=lambda: START + timedelta(seconds=self.passed),
            monotonic=lambda: self.passed,
            **bounds,
        )

    def with_subjects(self, *subjects: str, tenant: str = TENANT) -> "World":
        """The same world with keys for these people stored."""
        ring = self.process()
        ring.tenant_ready(tenant)
        self.keys.subjects |= {(tenant, subject): ring.new_subject_key(tenant) for subject in subjects}
        self.kms.calls.clear()
        return self


def seal(ring: Keyring, plain: bytes = b"plain", subject: str = ANNA, tenant: str = TENANT, aad: bytes = b"x") -> bytes:
    return ring.seal(plain, tenant=tenant, subject=subject, aad=aad)


def unseal(ring: Keyring, blob: bytes, subject: str = ANNA, tenant: str = TENANT, aad: bytes = b"x") -> bytes:
    return ring.open(blob, tenant=tenant, subject=subject, aad=aad)


@given(plain=st.binary(max_size=2000), aad=st.binary(max_size=200))
def test_another_process_opens_what_was_sealed(plain: bytes, aad: bytes) -> None:
    """What one process seals another opens, whatever it is; sealed again it has another nonce."""
    world = World().with_subjects(ANNA)

    blob = seal(world.process(), plain, aad=aad)

    assert unseal(world.process(), blob, aad=aad) == plain
    assert seal(world.process(), plain, aad=aad)[1:13] != blob[1:13]


@given(aad=st.binary(max_size=60), other=st.binary(max_size=60))
def test_other_associated_data_is_refused(aad: bytes, other: bytes) -> None:
    """A blob opens in its own place only."""
    assume(aad != other)
    ring = World().with_subjects(ANNA).process()

    blob = seal(ring, aad=aad)

    with pytest.raises(ValueError, match=REFUSED):
        unseal(ring, blob, aad=other)


@pytest.mark.parametrize(("tenant", "subject"), [(TENANT, BEN), (OTHER_TENANT, ANNA), (INSTALLATION, ANNA)])
def test_other_tenant_or_subject_is_refused(tenant: str, subject: str) -> None:
    """The same bytes under another person or another business do not open."""
    world = World().with_subjects(ANNA, BEN).with_subjects(ANNA, tenant=OTHER_TENANT)
    ring = world.with_subjects(ANNA, tenant=INSTALLATION).process()
    blob = seal(ring)

    with pytest.raises(ValueError, match=REFUSED):
        unseal(ring, blob, tenant=tenant, subject=subject)


def test_wrapped_key_of_another_tenant_is_refused() -> None:
    """A subject's key copied to another tenant is useless there; a damaged one as well."""
    world = World().with_subjects(ANNA).with_subjects(tenant=OTHER_TENANT)
    stolen = world.keys.subjects[TENANT, ANNA]
    world.keys.subjects |= {(OTHER_TENANT, ANNA): stolen, (TENANT, BEN): stolen[:-1]}

    for tenant, subject in ((OTHER_TENANT, ANNA), (TENANT, BEN)):
        with pytest.raises(ValueError, match=REFUSED):
            seal(world.process(), tenant=tenant, subject=subject)


def test_garbage_from_key_management_opens_nothing() -> None:
    """If KMS returned a wrong key without an error (the local cloud's does), key unwrapping notices."""
    world = World().with_subjects(ANNA)
    world.keys.tenants[TENANT] = world.keys.tenants[TENANT][:-1] + b"?"

    with pytest.raises(ValueError, match=REFUSED):
        seal(world.process())


def test_shredded_subject_is_gone() -> None:
    """Without the subject's key nothing is opened and nothing new is sealed; other people are not touched."""
    world = World().with_subjects(ANNA, BEN)
    ring = world.process()
    anna, ben = seal(ring), seal(ring, subject=BEN)

    del world.keys.subjects[TENANT, ANNA]
    ring.forget(TENANT, ANNA)

    assert unseal(ring, ben, subject=BEN) == b"plain"
    with pytest.raises(KeyDestroyedError):
        unseal(ring, anna)
    with pytest.raises(KeyDestroyedError):
        seal(ring)


def test_shredded_tenant_is_gone_and_no_reader_brings_it_back() -> None:
    """Without the tenant's key nothing works, and no look-up makes a new one."""
    world = World().with_subjects(ANNA)
    ring = world.process()
    blob = seal(ring)
    uses: list[Callable[[], object]] = [
        lambda: unseal(ring, blob),
        lambda: ring.preload(TENANT, [ANNA]),
        lambda: ring.index(TENANT, "email", "x"),
        lambda: ring.link_key(TENANT),
        lambda: ring.new_subject_key(TENANT),
    ]

    world.keys.tenants.clear()
    ring.forget(TENANT)

    for use in uses:
        with pytest.raises(KeyDestroyedError):
            use()
    assert world.keys.tenants == {}


def test_forgetting_drops_no_more_than_asked() -> None:
    """Forgetting a person drops that key alone, forgetting a tenant its own and those of its people."""
    world = World().with_subjects(ANNA, BEN).with_subjects(ANNA, tenant=OTHER_TENANT)
    ring, everyone = world.process(), [(TENANT, ANNA), (TENANT, BEN), (OTHER_TENANT, ANNA)]

    def fetched() -> tuple[int, int]:
        world.keys.reads.clear()
        world.kms.calls.clear()
        for tenant, subject in everyone:
            seal(ring, tenant=tenant, subject=subject)
        return len(world.keys.reads), len(world.kms.calls)

    assert fetched() == (3, 2)
    assert fetched() == (0, 0)
    ring.forget(TENANT, ANNA)
    assert fetched() == (1, 0)
    ring.forget(TENANT)
    assert fetched() == (2, 1)


@pytest.mark.parametrize("preload", [False, True])
def test_age_counts_from_before_the_store_answers(preload: bool) -> None:
    """A key destroyed while a slow read was under way is not used for longer than the bound."""
    world = World().with_subjects(ANNA)
    ring, world.keys.during_read = world.process(), lambda: setattr(world, "passed", 20)
    ring.tenant_ready(TENANT)
    ring.preload(TENANT, [ANNA] if preload else [])
    blob = seal(ring)
    world.keys.subjects.clear()

    world.passed = 300

    with pytest.raises(KeyDestroyedError):
        unseal(ring, blob)


@pytest.mark.parametrize(("age", "readable"), [(299, True), (300, False), (301, False)])
def test_warm_process_reads_no_longer_than_the_bound(age: float, readable: bool) -> None:
    """After shredding elsewhere a warm process still reads for less than the cache's seconds, however often it does."""
    world = World().with_subjects(ANNA)
    ring = world.process()
    blob = seal(ring)
    world.keys.subjects.clear()

    world.passed = 298
    assert unseal(ring, blob) == b"plain"
    world.passed = age

    if readable:
        assert unseal(ring, blob) == b"plain"
    else:
        with pytest.raises(KeyDestroyedError):
            unseal(ring, blob)


@pytest.mark.parametrize(("age", "calls"), [(299, []), (300, ["open"]), (301, ["open"])])
def test_tenant_key_is_fetched_again_after_its_time(age: float, calls: list[str]) -> None:
    """A tenant's key lives in memory for less than its seconds."""
    world = World().with_subjects()
    ring = world.process()
    ring.tenant_ready(TENANT)
    world.kms.calls.clear()

    world.passed = age
    ring.index(TENANT, "email", "x")

    assert world.kms.calls == calls


def test_new_person_is_sealed_before_the_key_is_stored() -> None:
    """An adopted key seals at once without a read, and the same key serves once it is stored."""
    world = World().with_subjects()
    ring = world.process()
    wrapped = ring.new_subject_key(TENANT)

    ring.adopt(TENANT, ANNA, wrapped)
    blob = seal(ring)

    assert world.keys.reads == []
    world.keys.subjects[TENANT, ANNA] = wrapped
    assert unseal(world.process(), blob) == b"plain"


def test_preload_asks_once_and_only_for_what_is_missing() -> None:
    """A page of people costs one read of the store; damaged or missing keys do not stop the rest."""
    world = World().with_subjects(ANNA, BEN)
    world.keys.subjects[TENANT, "d" * 32] = bytes(40)
    ring = world.process()
    seal(ring)
    world.keys.reads.clear()

    ring.preload(TENANT, iter([ANNA, BEN, BEN, "c" * 32, "d" * 32]))
    seal(ring, subject=BEN)
    ring.preload(TENANT, [ANNA, BEN])

    assert world.keys.reads == [[BEN, "c" * 32, "d" * 32]]
