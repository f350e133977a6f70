"""Argon2id over proofs."""

import pytest

from chalicelib.adapters.argon2 import Argon2Proofs

PROOF = bytes(range(32))
OTHER = bytes(32)
# Made with argon2-cffi 25.1 over bytes(range(32)); what is stored has to stay readable.
KEPT = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdCBvZiAxNiBieXRlcw$Jp9f2802nP0J1hY9o4QNtujaL8KahG1AR/TyAYmEu+s"


def test_what_is_kept_fits_its_proof_and_no_other() -> None:
    """And is salted, so that the same proof twice does not show."""
    hasher = Argon2Proofs()

    kept = hasher.hash(PROOF)

    assert hasher.matches(kept, PROOF)
    assert not hasher.matches(kept, OTHER)
    assert hasher.hash(PROOF) != kept


def test_what_was_kept_before_is_still_understood() -> None:
    """Whatever version of the library reads it."""
    assert Argon2Proofs().matches(KEPT, PROOF)
    assert not Argon2Proofs().needs_rehash(KEPT)


def test_the_parameters_are_those_of_the_design() -> None:
    """19 MiB, two passes, one lane: they stand in what is kept."""
    hasher = Argon2Proofs()

    assert hasher.hash(PROOF).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hasher.decoy.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_decoy_is_worked_at_and_fits_nothing() -> None:
    """It is well formed: the whole work is done before it is refused."""
    hasher = Argon2Proofs(memory_kib=8, passes=1)

    assert not hasher.needs_rehash(hasher.decoy)
    assert not hasher.matches(hasher.decoy, PROOF)


@pytest.mark.parametrize(
    ("memory", "passes", "stale"), [(64, 2, False), (65, 2, True), (63, 2, True), (64, 3, True), (64, 1, True)]
)
def test_other_parameters_call_for_a_new_hash(memory: int, passes: int, stale: bool) -> None:
    """Higher or lower; the old one fits all the same."""
    kept = Argon2Proofs(memory_kib=64, passes=2).hash(PROOF)
    today = Argon2Proofs(memory_kib=memory, passes=passes)

    assert today.needs_rehash(kept) is stale
    assert today.matches(kept, PROOF)


@pytest.mark.parametrize(
    "kept", ["", "x", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=8,t=1,p=1$é$é"]
)
def test_what_is_no_hash_fits_nothing(kept: str) -> None:
    """A damaged record refuses; it does not fall over."""
    assert not Argon2Proofs(memory_kib=8, passes=1).matches(kept, PROOF)
