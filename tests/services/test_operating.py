"""The operator's door: proof first, and an entry in the ledger with every call."""

from dataclasses import dataclass

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import NotSignedInError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import query
from chalicelib.services.operating import Operating
from tests.stage import Stage, stage

ROUTE = "GET /v1/operator/promises"


@dataclass
class OneKey:
    """Knows one key."""

    def matches(self, given: str) -> bool:
        """Whether it is the one."""
        return given == "the key"


def entries(on: Stage) -> list[LedgerEntry]:
    """What the installation's ledger holds of today."""
    return query(LedgerEntry, LedgerEntry.partition(INSTALLATION, on.clock.now.date()))


def test_every_call_leaves_an_entry() -> None:
    """Under the installation: when, what, from which network."""
    with stage() as on:
        Operating(OneKey(), on.clock).admit("the key", route=ROUTE, network="203.0.113.0/24")

        (entry,) = entries(on)
        assert (entry.action, entry.ground, entry.network) == (Action.OPERATOR_CALLED, ROUTE, "203.0.113.0/24")
        assert entry.at == on.clock.now


def test_everybody_else_is_refused_and_leaves_nothing() -> None:
    """A stranger can't fill the ledger."""
    with stage() as on:
        with pytest.raises(NotSignedInError):
            Operating(OneKey(), on.clock).admit("another", route=ROUTE, network="203.0.113.0/24")

        assert entries(on) == []
