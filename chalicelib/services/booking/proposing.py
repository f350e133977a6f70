"""Proposals: an expert proposes several times, all of which are kept; a customer takes one, and the rest is free again.

What is kept stands in the day sheets under the proposal's id, each time until it begins or the proposal is over,
whichever comes first. So it frees itself, and what is done at the end is only to say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
)
from chalicelib.domain.handling import Source
from chalicelib.domain.ids import new_id
from chalicelib.domain.roles import ADMIN
from chalicelib.domain.slots import Interval
from chalicelib.records.customer import Customer
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.proposal import Proposal, ProposalState
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.writing import LIMIT, Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.booking._bookable import check_asked, offered
from chalicelib.services.customers.finding import Finding, Person
from chalicelib.services.door.choosing import Asked, Choosing
from chalicelib.services.door.door import Door
from chalicelib.services.door.offers import duration_of
from chalicelib.services.door.sheets import Claim
from chalicelib.services.outbox import notify_person
from chalicelib.services.ports import PublicHolidays, Vault
from chalicelib.services.repeating import Repeatable
from chalicelib.services.side_by_side import side_by_side
from chalicelib.services.sign_in.sessions import StaffSession

PAGE = 50
PROPOSED = "appointment-proposed"
FEWEST, MOST = 2, 10


@dataclass(frozen=True, kw_only=True)
class Idea:
    """What an expert proposes: times of a service, to a customer who is known by id or given as a new person."""

    service: str
    expert: str
    starts: Sequence[datetime]
    duration: int | None
    hours: int
    customer: str | None
    person: Person | None
    note: str | None


@dataclass(frozen=True)
class Proposing:
    """Makes, lists and withdraws proposals."""

    vault: Vault
    clock: Clock
    finding: Finding
    holidays: PublicHolidays

    def propose(self, caller: StaffSession, idea: Idea, *, network: str, repeat: Repeatable | None) -> Proposal:
        """The proposal. SlotTakenError when one of the times is not free; grid, notice and horizon do not count."""
        _check_own(caller, idea.expert)
        if len(set(idea.starts)) != len(idea.starts):
            raise InvalidInputError("Propose each time once.", field="starts")
        for start in idea.starts:
            check_asked(start, now=self.clock())
            if start <= self.clock():
                raise InvalidInputError("Propose times in the future.", field="starts")
        return persist(lambda: self._propose(caller, idea, network=network, repeat=repeat))

    def of_expert(
        self, caller: StaffSession, expert: str, *, before: str = "", network: str
    ) -> tuple[list[Proposal], str]:
        """A page of what an expert has proposed, the newest first, and the place of the next one; noted."""
        _check_own(caller, expert)
        looked, at = Transaction(), self._now()
        looked.create(
            LedgerEntry.of(
                caller.tenant, Action.PROPOSALS_READ, at=at, actor=caller.staff, about=expert, network=network
            )
        )
        page = partial(Proposal.page, caller.tenant, expert, before=before, most=PAGE)
        (found, rest), _ = side_by_side(page, looked.commit)
        self.vault.preload(caller.tenant, {each.subject for each in found})
        return found, rest

    def withdraw(self, caller: StaffSession, customer: str, proposal: str, *, network: str) -> None:
        """Takes it back and frees its times. ConflictError when the customer has chosen, or it is over."""
        ref = Proposal.ref(caller.tenant, customer, proposal)
        persist(lambda: self._withdraw(caller, ref, network=network))

    def _propose(self, caller: StaffSession, idea: Idea, *, network: str, repeat: Repeatable | None) -> Proposal:
        earlier = repeat.earlier() if repeat else None
        if earlier is not None:
            return self._again(caller, Ref(Proposal, earlier.pk, earlier.sk))
        now, transaction = self._now(), Transaction()
        door = Door(caller.tenant, now=now)
        service = offered(door.service(idea.service))
        customer = self._customer(transaction, caller, idea, now)
        until = min(now + timedelta(hours=idea.hours), max(idea.starts))
        ref = Proposal.ref(caller.tenant, customer.subject, new_id(now))
        made = Proposal(ref.pk, ref.sk, zone=service.zone, service=service.id, expert=idea.expert)
        made.duration = duration_of(service.terms(), idea.duration)
        made.times = [start.isoformat() for start in sorted(idea.starts)]
        made.made_at, made.made_by, made.until, made.state = now, caller.staff, until, ProposalState.OPEN
        made.note = idea.note
        made.held = [_held(*each) for each in self._keep(door, service, made, idea, now)]
        door.write(transaction)
        _require_working(transaction, door, service, made)
        transaction.create(made)
        notify_person(transaction, made, PROPOSED, about=made.id, language=customer.language, useless_at=until, now=now)
        transaction.create(noted(made, Action.PROPOSAL_MADE, now, actor=caller.staff, network=network))
        if repeat:
            repeat.remember(transaction, made, at=now)
        if len(transaction) > LIMIT:
            raise InvalidInputError("Propose fewer times at once: too many people and rooms take part.", field="starts")
        transaction.commit()
        return made

    def _keep(
        self, door: Door, service: Service, made: Proposal, idea: Idea, now: datetime
    ) -> list[tuple[datetime, Claim]]:
        """Keeps every time, with what else it takes; SlotTakenError when it is not free."""
        choosing = Choosing(door, self.holidays, now)
        asked = [
            Asked(service=service, expert=idea.expert, starts_at=start, duration=int(made.duration))
            for start in sorted(idea.starts)
        ]
        for each in asked:
            choosing.want(each)
        door.read()
        claims = []
        for each in asked:
            claim = choosing.choose(each, anyhow=True).claim(made.id, until=min(made.until, each.starts_at))
            door.hold(claim)
            claims.append((each.starts_at, claim))
        return claims

    def _customer(self, transaction: Transaction, caller: StaffSession, idea: Idea, now: datetime) -> Customer:
        known = _named(caller.tenant, idea.customer) if idea.customer else self._person(caller, idea.person)
        if known is None and idea.person is not None:
            return self.finding.make(
                transaction,
                caller.tenant,
                idea.person,
                zone=caller.zone,
                ends=now,
                now=now,
                source=Source.TENANT,
                entered_by=caller.staff,
            )
        if known is None:
            raise NotFoundError("There is no such customer.")
        transaction.require(known)
        self.vault.preload(caller.tenant, [known.subject])
        if not known.email:
            raise InvalidInputError("This customer has no e-mail address to write to.", field="customer")
        return known

    def _person(self, caller: StaffSession, person: Person | None) -> Customer | None:
        """The customer whose address it is, if there is one."""
        if person is None or person.email is None:
            raise InvalidInputError("Name a customer, or give a person with an address.", field="customer")
        address = fetch(self.finding.claim(caller.tenant, person.email), consistent=True)
        known = self.finding.known(address, fetch_all(self.finding.refs(address), consistent=True))
        return known.customer if known else None

    def _withdraw(self, caller: StaffSession, ref: Ref[Proposal], *, network: str) -> None:
        now, held = self._now(), fetch(ref, consistent=True)
        if held is None:
            raise NotFoundError("There is no such proposal.")
        _check_own(caller, held.expert)
        if not held.is_open(now):
            raise ConflictError("It is over: the customer has chosen, or the time for it has passed.")
        transaction, door = Transaction(), Door(caller.tenant, now=now)
        for claim in claims_of(held):
            door.release(claim)
        door.write(transaction)
        held.state = ProposalState.WITHDRAWN
        transaction.update(held)
        transaction.create(noted(held, Action.PROPOSAL_WITHDRAWN, now, actor=caller.staff, network=network))
        transaction.commit()

    def _again(self, caller: StaffSession, ref: Ref[Proposal]) -> Proposal:
        """The proposal that the same request brought about before."""
        held = fetch(ref, consistent=True)
        if held is None:
            raise NotFoundError("The proposal of this request does not exist any more.")
        self.vault.preload(caller.tenant, [held.subject])
        return held

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _named(tenant: str, customer: str) -> Customer | None:
    """The customer with this id, or who they turned out to be."""
    known = fetch(Customer.ref(tenant, customer), consistent=True)
    return _named(tenant, known.merged_into) if known and known.merged_into else known


def claims_of(proposal: Proposal) -> list[Claim]:
    """What stands in the day sheets for it."""
    return [
        Claim(
            owner=proposal.id,
            calendars=tuple(each["calendars"]),
            interval=Interval(each["from"], each["to"]),
            group=each["group"],
        )
        for each in proposal.held
    ]


def _require_working(transaction: Transaction, door: Door, service: Service, made: Proposal) -> None:
    """Whoever is to do it must not have left meanwhile: what they proposed is looked for only once."""
    for expert in sorted(service.experts & {calendar for each in made.held for calendar in each["calendars"]}):
        hours = door.hours(expert)
        if hours is not None:
            transaction.require(hours)


def _held(starts_at: datetime, claim: Claim) -> dict[str, object]:
    return {
        "starts_at": starts_at.isoformat(),
        "from": claim.interval.start,
        "to": claim.interval.end,
        "calendars": list(claim.calendars),
        "group": claim.group,
    }


def _check_own(caller: StaffSession, expert: str) -> None:
    if expert != caller.staff and ADMIN not in caller.roles:
        raise NotAllowedError("Experts propose times of their own.")


def noted(
    proposal: Proposal, action: Action, at: datetime, *, actor: str | None = None, network: str | None = None
) -> LedgerEntry:
    """What the ledger says of it."""
    return LedgerEntry.of(
        proposal.tenant, action, at=at, actor=actor, about=proposal.subject, thing=proposal.id, network=network
    )
