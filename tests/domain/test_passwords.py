"""Proofs: computed as every browser does, and spelled in one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.passwords import ITERATIONS, PROOF_BYTES, proof_of, read_proof, spell

PROOF = bytes(range(PROOF_BYTES))


def test_a_proof_is_pbkdf2() -> None:
    """RFC 7914, section 11, whose 64 bytes begin with the 32 that are taken."""
    proof = proof_of("passwd", salt=b"salt", iterations=1)

    assert proof.hex() == "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"


def test_the_password_is_brought_into_one_form() -> None:
    """Keyboards differ in how they write an umlaut."""
    assert proof_of("Mu\u0308hle", salt=b"s", iterations=1) == proof_of("M\u00fchle", salt=b"s", iterations=1)
    assert proof_of("\uff21", salt=b"s", iterations=1) == proof_of("A", salt=b"s", iterations=1)


def test_it_takes_as_many_iterations_as_owasp_asks_for() -> None:
    """At least."""
    assert ITERATIONS >= 600_000


def test_a_proof_is_read_as_it_was_spelled() -> None:
    """Without padding."""
    assert read_proof(spell(PROOF)) == PROOF
    assert "=" not in spell(PROOF)


@pytest.mark.parametrize(
    "text",
    ["", spell(PROOF[:-1]), spell(PROOF + b"x"), spell(PROOF) + "=", spell(PROOF)[:-1] + "9", "é" * 43, "+" * 43],
    ids=["empty", "31-bytes", "33-bytes", "padded", "other-spelling", "letters", "alphabet"],
)
def test_anything_else_is_refused(text: str) -> None:
    """By one kind of error."""
    with pytest.raises(ValueError, match=r".") as refused:
        read_proof(text)
    assert text == "" or text not in str(refused.value)


@given(st.binary(min_size=PROOF_BYTES, max_size=PROOF_BYTES))
def test_every_proof_can_be_sent(proof: bytes) -> None:
    """All 2^256 of them."""
    assert read_proof(spell(proof)) == proof
