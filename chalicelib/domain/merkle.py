"""The hashes that prove a day of the ledger: leaf, Merkle root and chain. Byte by byte: docs/ledger-format.md.

The root is the Merkle Tree Hash of RFC 9162, section 2.1.1, over SHA-256: a leaf and a node are told apart by their
first byte, so that no list of entries has the root of another. The chain links each day to the one before.
"""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

EMPTY = sha256().digest()
FIRST = bytes(32)  # stands where the chain of the day before would, on the first day
_LEAF, _NODE, _LINK = b"\x00", b"\x01", b"\x02"


def leaf_hash(content: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(_LEAF + content).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The Merkle root over the hashes of leaves, in their order.

    Level by level: who has no neighbour moves up as it is, which gives the tree of the RFC, where the left part is
    the largest power of two below the whole.
    """
    if not leaves:
        return EMPTY
    level = list(leaves)
    while len(level) > 1:
        joined = [sha256(_NODE + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = joined + level[len(joined) * 2 :]
    return level[0]


def chain_of(previous: bytes, *, tenant: str, day: date, count: int, root: bytes) -> bytes:
    """The link of one day: it stands for this day and all the days before it. Every part has a fixed length."""
    parts = (previous, bytes.fromhex(tenant), day.isoformat().encode(), count.to_bytes(8, "big"), root)
    return sha256(_LINK + b"".join(parts)).digest()
