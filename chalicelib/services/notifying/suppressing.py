"""Whom not to write to any more: dead addresses and people who said stop, as keyed hashes."""

from datetime import datetime

from chalicelib.records.reading import fetch
from chalicelib.records.suppression import Suppression
from chalicelib.records.writing import Transaction


def suppress(transaction: Transaction, channel: str, index: str, *, reason: str, at: datetime) -> None:
    """Adds the address to the list, or renews its entry and the reason."""
    ref = Suppression.ref(channel, index)
    held = fetch(ref, consistent=True)
    if held is None:
        transaction.create(Suppression(ref.pk, ref.sk, reason=reason, last_at=at))
        return
    held.last_at, held.reason = at, reason
    transaction.update(held)


def renew(transaction: Transaction, held: Suppression, *, at: datetime) -> None:
    """Has an entry live on; one that was lifted meanwhile does not come back."""
    held.last_at = at
    transaction.update(held)


def lift(transaction: Transaction, channel: str, index: str) -> None:
    """Takes the address off the list."""
    transaction.discard(Suppression.ref(channel, index))
