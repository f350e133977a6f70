"""How far one message has come, and which reports may move it on.

Receipts come late, twice and out of order, sometimes before our own note that the provider took the message. So a
report never moves a message back: along the way the higher rank wins, and an end is left only by the moves named in
`LATE_TRUTHS`, each with the reason why it is believed. Together they make the outcome of one message's receipts the
same in every order and however often each of them is repeated.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Delivery(Enum):
    """The states of one message on its way to one person."""

    WAITING = "waiting"
    """In the outbox; nothing was handed over."""
    SENDING = "sending"
    """A dispatcher has taken it and is about to hand it over."""
    UNKNOWN = "unknown"
    """Handed over, and no answer came: the provider may or may not have it."""
    ACCEPTED = "accepted"
    """The provider took it."""
    SENT = "sent"
    """The provider passed it on to the carrier or mail server."""
    SKIPPED = "skipped"
    """Deliberately not sent."""
    FAILED = "failed"
    """Given up; the address may still be good."""
    DELIVERED = "delivered"
    """The carrier or mail server confirms it."""
    BOUNCED = "bounced"
    """The address is permanently undeliverable."""
    COMPLAINED = "complained"
    """The recipient called it unwanted."""


_D = Delivery

RANK: Mapping[Delivery, int] = MappingProxyType(
    {
        _D.WAITING: 0,
        _D.SENDING: 1,
        _D.UNKNOWN: 2,
        _D.ACCEPTED: 3,
        _D.SENT: 4,
        _D.SKIPPED: 5,
        _D.FAILED: 5,
        _D.DELIVERED: 5,
        _D.BOUNCED: 5,
        _D.COMPLAINED: 5,
    }
)
"""The way of a message. All ends share the last rank: none of them is further than another."""

ENDS = frozenset(state for state, rank in RANK.items() if rank == max(RANK.values()))
"""Where nothing more is expected."""

REPORTABLE = frozenset({_D.ACCEPTED, _D.SENT, _D.FAILED, _D.DELIVERED, _D.BOUNCED, _D.COMPLAINED})
"""What a provider can say of a message it has; the other states are our own notes."""

NOT_HANDED_OVER = frozenset({_D.WAITING, _D.SENDING})
"""Where a message can still be left unsent; afterwards nobody can call it skipped."""

LATE_TRUTHS: Mapping[tuple[Delivery, Delivery], str] = MappingProxyType(
    {
        (_D.FAILED, _D.DELIVERED): "A carrier gave up too early: what has arrived can't be taken back.",
        (_D.FAILED, _D.BOUNCED): "The reason came after the failure: the address itself is dead.",
        (_D.FAILED, _D.COMPLAINED): "Only someone who received it can complain.",
        (_D.DELIVERED, _D.BOUNCED): "A mail server took the mail first and returned it later (asynchronous bounce).",
        (_D.DELIVERED, _D.COMPLAINED): "A complaint always follows a delivery.",
        (_D.BOUNCED, _D.COMPLAINED): "Some boxes bounce and still show the mail; the person's word weighs more.",
    }
)
"""The only moves out of an end, and why each is believed."""


def settle(current: Delivery, reported: Delivery) -> Delivery:
    """The state after a report. Total: a report that doesn't fit leaves the state as it is."""
    if reported is Delivery.SKIPPED:
        return reported if current in NOT_HANDED_OVER else current
    if current in ENDS:
        return reported if (current, reported) in LATE_TRUTHS else current
    return reported if RANK[reported] > RANK[current] else current
