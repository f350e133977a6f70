"""What the ledger says of what staff do with customers: every entry is about the person, who can see it."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.sessions import StaffSession


def entry(
    caller: StaffSession,
    action: Action,
    customer: str | None,
    *,
    at: datetime,
    network: str,
    thing: str | None = None,
    counts: dict[str, int] | None = None,
) -> LedgerEntry:
    """One entry."""
    return LedgerEntry.of(
        caller.tenant, action, at=at, actor=caller.staff, about=customer, thing=thing, network=network, counts=counts
    )


def looked(
    caller: StaffSession, action: Action, customers: Iterable[str], *, at: datetime, network: str
) -> Transaction:
    """A look at some people, to be noted beside it: one entry for each of them."""
    noted = Transaction()
    for each in customers:
        noted.create(entry(caller, action, each, at=at, network=network))
    return noted
