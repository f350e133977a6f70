"""Requests that come twice: an Idempotency-Key gives the same outcome again, and refuses another request."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from chalicelib.domain.errors import IdempotencyMismatchError
from chalicelib.records._base import Record
from chalicelib.records.idempotency import Idempotency
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.writing import Transaction


@dataclass(frozen=True)
class Outcome:
    """What came of the request the first time: the key of the record it created."""

    pk: str
    sk: str


@dataclass(frozen=True, kw_only=True)
class Repeatable:
    """A request that may come again: who asks for what (`scope`), their key, and a hash of what they sent."""

    scope: str
    key: str
    fingerprint: str

    @classmethod
    def of(cls, key: str | None, *, scope: str, content: str) -> "Repeatable | None":
        """The repeatable request, or None for a caller who sent no key."""
        return None if key is None else cls(scope=scope, key=key, fingerprint=sha256(content.encode()).hexdigest())

    @property
    def ref(self) -> Ref[Idempotency]:
        """Where it is noted what came of it, to be read with other things."""
        return Idempotency.ref(self.scope, self.key)

    def earlier(self) -> Outcome | None:
        """What came of it before. IdempotencyMismatchError when the key was used for something else."""
        return self.outcome(fetch(self.ref, consistent=True))

    def outcome(self, held: Idempotency | None) -> Outcome | None:
        """The same, of what was read at `ref`."""
        if held is None:
            return None
        if held.fingerprint != self.fingerprint:
            raise IdempotencyMismatchError("Send a new Idempotency-Key with a new request.", field="Idempotency-Key")
        return Outcome(held.outcome_pk, held.outcome_sk)

    def remember(self, transaction: Transaction, outcome: Record, *, at: datetime) -> None:
        """Notes the outcome in the transaction that brings it about."""
        noted = Idempotency(
            self.ref.pk, self.ref.sk, at=at, fingerprint=self.fingerprint, outcome_pk=outcome.pk, outcome_sk=outcome.sk
        )
        transaction.create(noted)
