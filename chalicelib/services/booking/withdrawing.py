"""What an expert who leaves has proposed is withdrawn: its times are free, customers are told, and nobody is named."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.records.customer import Customer
from chalicelib.records.proposal import Proposal, ProposalState
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.booking.proposing import claims_of, noted
from chalicelib.services.door.door import Door
from chalicelib.services.outbox import notify_person
from chalicelib.services.sign_in.sessions import StaffSession

WITHDRAWN = "proposal-withdrawn"
_NOBODY = ""


@dataclass(frozen=True)
class Withdrawing:
    """Withdraws proposals on behalf of who made them."""

    clock: Clock

    def withdraw_all(self, caller: StaffSession, expert: str, *, network: str) -> None:
        """Those of an expert, one by one. What was done before is in no list of theirs any more."""
        for each in Proposal.of_expert(caller.tenant, expert):
            ref = Proposal.ref(caller.tenant, each.subject, each.id)
            persist(partial(self._part, caller, ref, expert, network))

    def _part(self, caller: StaffSession, ref: Ref[Proposal], expert: str, network: str) -> None:
        """Ends one, if it is open, and takes out of it who leaves; what is told of it needs no name."""
        now, held = self.clock().replace(microsecond=0), fetch(ref, consistent=True)
        if held is None or held.expert != expert:
            return
        transaction = Transaction()
        if held.state is ProposalState.OPEN:
            _withdraw(transaction, held, now)
            transaction.create(noted(held, Action.PROPOSAL_WITHDRAWN, now, actor=caller.staff, network=network))
        held.expert, held.held = _NOBODY, []
        held.made_by = _NOBODY if held.made_by == expert else held.made_by
        transaction.mark(held)  # a restriction keeps nothing open
        transaction.commit()


def _withdraw(transaction: Transaction, held: Proposal, now: datetime) -> None:
    """Frees its times; whoever could still have chosen hears of it, unless they had the processing restricted."""
    door = Door(held.tenant, now=now)
    for claim in claims_of(held):
        door.release(claim)
    door.write(transaction)
    person = fetch(Customer.ref(held.tenant, held.subject), consistent=True)
    if person is not None and held.restricted_since is None and held.is_open(now):
        how = {"about": held.id, "language": person.language}
        notify_person(transaction, held, WITHDRAWN, **how, useless_at=held.until, now=now)
    held.state = ProposalState.WITHDRAWN
