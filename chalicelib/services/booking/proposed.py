"""What becomes of a proposal: the customer takes one of its times, which is a booking, or it lapses and is said to.

A proposal is the agreement of the expert in whose name it was made. Others who take part, and have to confirm it, are
asked about the time that was chosen, as at any booking.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    LinkExpiredError,
    LinkInvalidError,
    LinkUsedError,
    NotFoundError,
    SlotTakenError,
    TryAgainError,
)
from chalicelib.domain.links import Link, LinkPurpose
from chalicelib.domain.questions import Given
from chalicelib.records.appointment import Appointment
from chalicelib.records.customer import Customer
from chalicelib.records.due import OFFER, ended
from chalicelib.records.exceptions import fetch_excepted
from chalicelib.records.proposal import Proposal, ProposalState
from chalicelib.records.reading import Found, Ref, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.booking.booking import Booking
from chalicelib.services.booking.proposing import claims_of, noted
from chalicelib.services.booking.wishing import Wish
from chalicelib.services.door.sheets import Claim
from chalicelib.services.linking import Linking
from chalicelib.services.outbox import notify_staff
from chalicelib.services.ports import Vault

CHOSEN, LAPSED = "proposal-chosen", "proposal-lapsed"
_MOST = 1000


@dataclass(frozen=True, kw_only=True)
class ShownProposal:
    """A proposal with what one has to know to decide; `starts` are the times that still lie ahead."""

    proposal: Proposal
    starts: list[datetime]
    service: Service
    tenant: Tenant
    expert: Staff | None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The time that is chosen, and what else booking may ask for."""

    starts_at: datetime
    zone: str | None
    phone: str | None
    address: str | None
    answers: Mapping[str, Given]


@dataclass(frozen=True)
class ProposalRight:
    """The right to one of the proposed times; the expert in whose name they were proposed agreed by that."""

    link: Link
    starts_at: datetime
    network: str
    now: datetime
    confirmed: bool = True

    def refs(self) -> list[Ref[Any]]:
        """The proposal."""
        return [_ref(self.link)]

    def check(self, found: Found) -> None:
        """LinkUsedError when it was used or withdrawn, LinkExpiredError when it is over, SlotTakenError for others."""
        if self.starts_at not in _open(found.get(_ref(self.link)), self.now).starts(self.now):
            raise SlotTakenError("Choose one of the times that are proposed.", field="starts_at")

    def claims(self, found: Found) -> list[Claim]:
        """All times that are kept for it: with the choice of one the others are free."""
        return claims_of(_open(found.get(_ref(self.link)), self.now))

    def use(self, transaction: Transaction, found: Found, appointment: Appointment) -> None:
        """It is chosen, and the expert is told."""
        held = _open(found.get(_ref(self.link)), self.now)
        held.state, held.chosen, held.appointment = ProposalState.CHOSEN, appointment.starts_at, appointment.id
        transaction.update(held)
        _tell_expert(transaction, held, CHOSEN, useless_at=appointment.ends_at, now=appointment.booked_at)
        who, at = held.subject, appointment.booked_at
        transaction.create(noted(held, Action.PROPOSAL_CHOSEN, at, actor=who, network=self.network))


@dataclass(frozen=True)
class Proposed:
    """Proposals in the hands of customers."""

    vault: Vault
    clock: Clock
    linking: Linking
    booking: Booking

    def show(self, token: str, *, network: str) -> ShownProposal:
        """What is proposed. LinkUsedError or LinkExpiredError when there is nothing to choose any more."""
        proposal = self._proposal(self._link(token), network)
        tenant_ref, service_ref = Tenant.ref(proposal.tenant), Service.ref(proposal.tenant, proposal.service)
        expert_ref = Staff.ref(proposal.tenant, proposal.expert)
        found = fetch_all([tenant_ref, service_ref, expert_ref])
        tenant, service = found.get(tenant_ref), found.get(service_ref)
        if tenant is None or service is None:
            raise NotFoundError("The business does not offer this any more.")
        self.vault.preload(proposal.tenant, [proposal.tenant, proposal.subject, proposal.expert])
        return ShownProposal(
            proposal=proposal,
            starts=proposal.starts(self.clock()),
            service=service,
            tenant=tenant,
            expert=found.get(expert_ref),
        )

    def choose(self, token: str, choice: Choice, *, network: str) -> Appointment:
        """Books one of the times; the others are free with it."""
        link = self._link(token)
        proposal = self._proposal(link, network)
        person = fetch(Customer.ref(link.tenant, link.subject), consistent=True)
        if person is None:
            raise LinkInvalidError("Use the link as it was sent.")
        self.vault.preload(link.tenant, [link.subject])
        wish = Wish(
            tenant=link.tenant,
            service=proposal.service,
            expert=proposal.expert,
            starts_at=choice.starts_at,
            duration=int(proposal.duration),
            given_name=person.given_name,
            family_name=person.family_name,
            email=str(person.email),
            phone=choice.phone or person.phone,
            language=person.language,
            zone=choice.zone or proposal.zone,
            sms_wanted=False,
            answers=choice.answers,
            address=choice.address,
        )
        right = ProposalRight(link, choice.starts_at, network, self.clock())
        return self.booking.book(wish, network=network, repeat=None, right=right)

    def _link(self, token: str) -> Link:
        return self.linking.read(token, LinkPurpose.CHOOSE_TIME)

    def _proposal(self, link: Link, network: str) -> Proposal:
        """What somebody does with a link of their own they wish for: a restriction they had asked for allows it."""
        asked = Asked(ground=Ground.SUBJECT_CONSENT, actor=link.subject, network=network)
        return _open(fetch_excepted(_ref(link), asked), self.clock())


@dataclass(kw_only=True)
class Ended:
    """How many proposals have lapsed, and how many wait for the next run."""

    lapsed: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class ProposalsEnding:
    """Ends proposals that nobody took up in time: their times are free by then, so it is only said."""

    clock: Clock

    def run(self, *, may_go_on: Callable[[], bool] = lambda: True) -> Ended:
        """Does what is due, as long as there is time."""
        counts = Ended()
        for ref in _due(self.clock()):
            try:
                counts.lapsed += may_go_on() and persist(lambda ref=ref: self._lapse(ref))  # type: ignore[misc]
            except TryAgainError:
                counts.waiting += 1
        return counts

    def _lapse(self, ref: Ref[Proposal]) -> bool:
        """Whether it has lapsed; False when it was chosen, or withdrawn, meanwhile."""
        now, held = self.clock().replace(microsecond=0), fetch(ref, consistent=True)
        if held is None or held.state is not ProposalState.OPEN or held.until > now:
            return False
        held.state = ProposalState.LAPSED
        transaction = Transaction()
        transaction.mark(held)  # a restriction keeps nothing open, and nobody is written to about the person
        if held.restricted_since is None:
            _tell_expert(transaction, held, LAPSED, useless_at=held.expires_at or now, now=now)
        transaction.create(noted(held, Action.PROPOSAL_LAPSED, now))
        transaction.commit()
        return True


def choice_link(proposal: Proposal) -> Link:
    """The link by which the customer chooses."""
    return Link(
        purpose=LinkPurpose.CHOOSE_TIME,
        tenant=proposal.tenant,
        subject=proposal.subject,
        thing=proposal.id,
        version=0,
        expires=proposal.until,
    )


def _tell_expert(
    transaction: Transaction, proposal: Proposal, message: str, *, useless_at: datetime, now: datetime
) -> None:
    """Says it without a name: who the customer is stands behind the sign-in."""
    notify_staff(
        transaction,
        tenant=proposal.tenant,
        staff=proposal.expert,
        message=message,
        language="",
        zone=proposal.zone,
        about=f"{proposal.subject}.{proposal.id}",
        useless_at=useless_at,
        now=now,
    )


def _due(now: datetime) -> Iterator[Ref[Proposal]]:
    due = (each for each in ended(OFFER, until=now, limit=_MOST) if each.sk.startswith("PROPOSAL#"))
    return (Ref(Proposal, each.pk, each.sk) for each in due)


def _open(held: Proposal | None, now: datetime) -> Proposal:
    """A proposal out of which a time can be chosen."""
    if held is None:
        raise LinkInvalidError("Use the link as it was sent.")
    if held.state is ProposalState.CHOSEN:
        raise LinkUsedError("A time was chosen already: the link to it came by mail.")
    if held.state is ProposalState.WITHDRAWN:
        raise LinkUsedError("These times are not proposed any more.")
    if not held.is_open(now):
        raise LinkExpiredError("The time to choose is over: please turn to the business.")
    return held


def _ref(link: Link) -> Ref[Proposal]:
    return Proposal.ref(link.tenant, link.subject, link.thing)
