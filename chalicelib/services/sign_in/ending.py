"""Sessions end before their time: by their owner, who proves once more who they are, and by an admin.

Ending the session of the call itself is signing out, and takes no proof.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, NotFoundError
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch_all
from chalicelib.records.session import PendingSignIn, Session
from chalicelib.records.staff import Staff
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.reproving import Reproving, owner_of
from chalicelib.services.sign_in.sessions import MOST_AT_ONCE, StaffSession, discard_all, opened_by


@dataclass(frozen=True)
class Ending:
    """The ends of sessions but for signing out."""

    clock: Clock
    reproving: Reproving

    def one(self, caller: StaffSession, session: str, proof: bytes | None, *, network: str) -> None:
        """Ends one of the caller's own sessions by the id it is listed under."""
        open_now = Session.all_of(caller.tenant, caller.staff)
        chosen = next((each for each in open_now if each.id == session), None)
        if chosen is None:
            raise NotFoundError("There is no such session.")
        if caller.session is None or chosen.sk != caller.session.sk:
            self._prove(caller, proof)
        self._end([chosen], caller, network=network)

    def others(self, caller: StaffSession, proof: bytes | None, *, network: str) -> int:
        """Ends all of the caller's sessions but the one of this call; how many they were."""
        self._prove(caller, proof)
        open_now = Session.all_of(caller.tenant, caller.staff)
        others = [each for each in open_now if caller.session is None or each.sk != caller.session.sk]
        self._end(others, caller, network=network)
        return len(others)

    def all_of(self, caller: StaffSession, staff: str, *, network: str) -> int:
        """Ends whatever a colleague opened or began to open; how much that was."""
        if staff == caller.staff:
            raise ConflictError("End your own at POST /v1/staff/me/sessions/ending.")
        member_at = Staff.ref(caller.tenant, staff)
        fetch_all([member_at], consistent=True).need(member_at, what="staff member")
        opened = opened_by(caller.tenant, staff)
        self._end(opened, caller, about=staff, network=network)
        return len(opened)

    def _prove(self, caller: StaffSession, proof: bytes | None) -> None:
        transaction = Transaction()
        self.reproving.check_one(transaction, owner_of(caller), proof, now=self._now())
        if len(transaction):
            transaction.commit()

    def _end(
        self,
        opened: Sequence[Session | PendingSignIn],
        caller: StaffSession,
        *,
        about: str | None = None,
        network: str,
    ) -> None:
        for chunk in (opened[at : at + MOST_AT_ONCE] for at in range(0, len(opened), MOST_AT_ONCE)):
            transaction = Transaction()
            discard_all(transaction, chunk)
            transaction.create(
                LedgerEntry.of(
                    caller.tenant,
                    Action.SESSIONS_ENDED,
                    at=self._now(),
                    actor=caller.staff,
                    about=about,
                    network=network,
                    counts={"Session": len(chunk)},
                )
            )
            transaction.commit()

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)
