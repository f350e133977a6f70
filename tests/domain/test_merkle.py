"""Leaf, root and chain: published vectors, the RFC's own definition, and that nothing can be exchanged unseen."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.merkle import EMPTY, FIRST, chain_of, leaf_hash, root_of

# The eight leaves of the reference implementation of Certificate Transparency, and the roots of the first n of them.
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
TENANT, DAY = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b", date(2026, 11, 2)
entries = st.lists(st.binary(max_size=40), max_size=70)


def by_the_rfc(contents: Sequence[bytes]) -> bytes:
    """Section 2.1.1, word for word."""
    if not contents:
        return sha256(b"").digest()
    if len(contents) == 1:
        return sha256(b"\x00" + contents[0]).digest()
    k = 1
    while k * 2 < len(contents):
        k *= 2
    return sha256(b"\x01" + by_the_rfc(contents[:k]) + by_the_rfc(contents[k:])).digest()


@pytest.mark.parametrize("count", range(9))
def test_published_roots(count: int) -> None:
    """As the reference implementation of Certificate Transparency has them."""
    leaves = [leaf_hash(bytes.fromhex(text)) for text in LEAVES[:count]]

    assert root_of(leaves).hex() == ROOTS[count]


@given(entries)
def test_the_root_is_that_of_the_rfc(contents: list[bytes]) -> None:
    """For any number of leaves."""
    assert root_of([leaf_hash(each) for each in contents]) == by_the_rfc(contents)


@given(entries, entries)
def test_other_entries_have_another_root(one: list[bytes], other: list[bytes]) -> None:
    """Altered, left out, added or in another order."""
    roots = [root_of([leaf_hash(each) for each in contents]) for contents in (one, other)]

    assert (roots[0] == roots[1]) is (one == other)


def test_a_node_is_no_leaf() -> None:
    """Two entries can't be passed off as one that consists of their hashes."""
    leaves = [leaf_hash(b"a"), leaf_hash(b"b")]

    assert root_of(leaves) != root_of([leaf_hash(b"".join(leaves))])


def test_the_chain_is_what_is_documented() -> None:
    """0x02, the previous link, tenant, day, count in eight bytes, root."""
    root = bytes(range(32))
    written = b"\x02" + FIRST + bytes.fromhex(TENANT) + b"2026-11-02" + b"\0\0\0\0\0\0\0\x05" + root

    assert chain_of(FIRST, tenant=TENANT, day=DAY, count=5, root=root) == sha256(written).digest()


@pytest.mark.parametrize(
    "change",
    [
        {"previous": b"\1" * 32},
        {"tenant": "0" * 32},
        {"day": date(2026, 11, 3)},
        {"count": 6},
        {"root": EMPTY},
    ],
)
def test_every_part_is_in_the_chain(change: dict[str, object]) -> None:
    """No day can stand in for another's, nor for another tenant's."""
    said: dict[str, object] = {"previous": FIRST, "tenant": TENANT, "day": DAY, "count": 5, "root": bytes(32)}

    assert chain_of(**{**said, **change}) != chain_of(**said)  # type: ignore[arg-type]
