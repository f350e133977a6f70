"""The proof of a day: built, written, read, and not to be taken for another's."""

import json
from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.day_proof import DayProof, UnreadableProofError
from chalicelib.domain.merkle import EMPTY, FIRST, chain_of, leaf_hash, root_of

TENANT, DAY = "019a42f6d80070008000000000000001", date(2026, 11, 2)
LEAVES = [leaf_hash(text) for text in (b"one", b"two", b"three")]
ENTRIES = [(f"10000{number}#{number:032x}", leaf.hex()) for number, leaf in enumerate(LEAVES)]


def proof(previous: str | None = None) -> DayProof:
    """A proof of three entries."""
    return DayProof.of(TENANT, DAY, ENTRIES, previous=previous)


def test_it_says_root_and_chain() -> None:
    """As documented; the first day follows 32 zero bytes."""
    made = proof()

    assert (made.count, made.root) == (3, root_of(LEAVES).hex())
    assert made.previous == FIRST.hex()
    assert made.chain == chain_of(FIRST, tenant=TENANT, day=DAY, count=3, root=root_of(LEAVES)).hex()


def test_the_next_day_follows_from_it() -> None:
    """The link is part of the next link."""
    following = DayProof.of(TENANT, date(2026, 11, 3), [], previous=proof().chain)

    assert (following.previous, following.root) == (proof().chain, EMPTY.hex())
    assert following.holds


def test_written_and_read_it_is_the_same() -> None:
    """And equal proofs are equal bytes, so that a run that is repeated writes the same."""
    assert DayProof.decode(proof().encode()) == proof()
    assert proof().encode() == proof().encode()


def test_it_holds_ids_and_hashes_only() -> None:
    """Nothing about anybody."""
    said = json.loads(proof().encode())

    assert set(said) == {"format", "tenant", "day", "count", "root", "previous", "chain", "entries"}


@pytest.mark.parametrize(
    "change",
    [
        {"count": 4},
        {"root": EMPTY.hex()},
        {"chain": EMPTY.hex()},
        {"previous": EMPTY.hex()},
        {"tenant": "0" * 32},
        {"day": date(2026, 11, 3)},
        {"entries": tuple(ENTRIES[:2])},
        {"entries": (ENTRIES[1], ENTRIES[0], ENTRIES[2])},
    ],
)
def test_whoever_changes_a_part_breaks_it(change: dict[str, object]) -> None:
    """Every part follows from the others, or the others from it."""
    assert proof().holds
    assert not replace(proof(), **change).holds  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        proof().encode().replace(b'"format":1', b'"format":2'),
        proof().encode().replace(TENANT.encode(), b"somebody"),
        proof().encode().replace(b"2026-11-02", b"2026-11-31"),
        proof().encode().replace(proof().root.encode(), b"abcd"),
        proof().encode().replace(proof().root.encode(), proof().root.upper().encode()),
        proof().encode().replace(b'"entries":[', b'"entries":[["a"],'),
    ],
)
def test_anything_else_is_no_proof(content: bytes) -> None:
    """It is refused as a whole, never read in part."""
    with pytest.raises(UnreadableProofError):
        DayProof.decode(content)
