"""Who runs the installation: proves it with the operator's key, and leaves an entry in the ledger with every call."""

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotSignedInError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.writing import Transaction
from chalicelib.services.ports import OperatorProof


class Operating:
    """The door for the operator. There are no accounts behind it: whoever holds the key is the operator."""

    def __init__(self, proof: OperatorProof, clock: Clock) -> None:
        self._proof, self._clock = proof, clock

    def admit(self, key: str, *, route: str, network: str) -> None:
        """Lets the operator in; the entry is written before anything is done. NotSignedInError for everybody else."""
        if not self._proof.matches(key):
            raise NotSignedInError("Send the operator's key as Authorization: Bearer <key>.")
        entry = LedgerEntry.of(INSTALLATION, Action.OPERATOR_CALLED, at=self._clock(), network=network, ground=route)
        writing = Transaction()
        writing.create(entry)
        writing.commit()
