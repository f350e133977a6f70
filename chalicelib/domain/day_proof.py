"""The proof of one day of the ledger, as it is written into an object of its own: see docs/ledger-format.md."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.ids import is_id
from chalicelib.domain.merkle import FIRST, chain_of, root_of

FORMAT = 1


class UnreadableProofError(Exception):
    """Raised when an object is not a proof of a day."""


@dataclass(frozen=True, kw_only=True)
class DayProof:
    """Sort key and leaf hash of each entry, their root, and the chain. Hashes are in hexadecimal digits."""

    tenant: str
    day: date
    count: int
    root: str
    previous: str
    chain: str
    entries: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, tenant: str, day: date, entries: Sequence[tuple[str, str]], *, previous: str | None) -> "DayProof":
        """The proof of these entries; `previous` is the chain of the day before, None where there is none."""
        before = FIRST if previous is None else bytes.fromhex(previous)
        root = root_of([bytes.fromhex(leaf) for _, leaf in entries])
        return cls(
            tenant=tenant,
            day=day,
            count=len(entries),
            root=root.hex(),
            previous=before.hex(),
            chain=chain_of(before, tenant=tenant, day=day, count=len(entries), root=root).hex(),
            entries=tuple(entries),
        )

    @property
    def holds(self) -> bool:
        """Whether it is what its own entries and the chain before it make of it."""
        return self == DayProof.of(self.tenant, self.day, self.entries, previous=self.previous)

    def encode(self) -> bytes:
        """The content of the object: the same proof gives the same bytes."""
        written = {**vars(self), "format": FORMAT, "day": self.day.isoformat(), "entries": list(self.entries)}
        return json.dumps(written, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, content: bytes) -> "DayProof":
        """The opposite of `encode`. UnreadableProofError for anything else; whether it `holds` is another question."""
        try:
            said = json.loads(content)
            proof = cls(
                tenant=_tenant(said["tenant"]),
                day=date.fromisoformat(said["day"]),
                count=int(said["count"]),
                root=_hash(said["root"]),
                previous=_hash(said["previous"]),
                chain=_hash(said["chain"]),
                entries=tuple((str(sk), _hash(leaf)) for sk, leaf in said["entries"]),
            )
        except (ValueError, KeyError, TypeError):
            raise UnreadableProofError from None
        if said.get("format") != FORMAT:
            raise UnreadableProofError
        return proof


def _tenant(text: str) -> str:
    if not is_id(text):
        raise ValueError("not an id")
    return text


def _hash(text: str) -> str:
    if len(bytes.fromhex(text)) != 32 or text != text.lower():
        raise ValueError("not a hash")
    return text
