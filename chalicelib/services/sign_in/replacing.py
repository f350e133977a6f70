"""Whoever signs in anew gives up the session that they came with.

Its token came along with the request, which proves whose it is. The session is read with what a sign-in reads anyway,
and ends in the transaction that opens the new one: that of the same portal, since each portal has a session of its own.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.tokens import Token
from chalicelib.domain.visits import Visitor
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Found, Ref
from chalicelib.records.session import Session
from chalicelib.records.writing import Transaction

PREFIX = "zs_"


def brought_by(visitor: Visitor) -> list[Ref[Session]]:
    """Where the sessions lie whose tokens came along, if there are any."""
    tokens = (Token.read(text, prefix=PREFIX) for text in visitor.came_with)
    return list(dict.fromkeys(Session.ref(token) for token in tokens if token is not None))


def earlier_in(found: Found, visitor: Visitor) -> list[Session]:
    """Those of them that are open."""
    return [session for ref in brought_by(visitor) if (session := found.get(ref)) is not None]


def give_up(
    transaction: Transaction, earlier: Sequence[Session], *, portal: str, visitor: Visitor, now: datetime
) -> None:
    """Ends those of this portal; an entry for their owner says so."""
    for session in earlier:
        if session.portal == portal:
            transaction.discard(Ref(Session, session.pk, session.sk))
            transaction.create(
                LedgerEntry.of(
                    session.tenant, Action.SIGNED_OUT, at=now, actor=session.subject, network=visitor.network
                )
            )
