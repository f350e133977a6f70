"""One entry of two people: some appointments go to a new person, and all of it can be undone for thirty days.

First the new person and the plan are written, together; then the appointments go over one by one. Whoever repeats the
request, or undoes it, completes first what was left undone. Undone, the appointments come back, with the
addresses that were given for them, and the new person ends, unless they have got something of their own in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, InvalidInputError, NotFoundError
from chalicelib.domain.handling import Source
from chalicelib.domain.ids import new_id
from chalicelib.records._base import Record, Standing
from chalicelib.records.appointment import Appointment
from chalicelib.records.customer import Customer, CustomerAddress, CustomerName
from chalicelib.records.customer_join import Merge, Split
from chalicelib.records.hold import Holds
from chalicelib.records.notification import Notification
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.walking import everything, of_person
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.customers.entries import entry
from chalicelib.services.customers.files import File, file_of
from chalicelib.services.customers.finding import Finding, Person
from chalicelib.services.customers.handing_on import Ask, hand_on
from chalicelib.services.customers.keeping import TAKEN
from chalicelib.services.ports import Vault
from chalicelib.services.repeating import Repeatable
from chalicelib.services.sign_in.sessions import StaffSession

MOST = 20
_GO_ALONG = (Customer, CustomerName, Notification, Holds)
_GONE = "There is no such split, or it is more than 30 days ago."


@dataclass(frozen=True, kw_only=True)
class Parting:
    """Which appointments are whose."""

    appointments: Sequence[str]
    person: Person


@dataclass(frozen=True)
class Splitting:
    """Splits entries, and undoes it."""

    vault: Vault
    clock: Clock
    finding: Finding
    ask: Ask

    def split(
        self,
        caller: StaffSession,
        customer: str,
        parting: Parting,
        *,
        network: str,
        repeat: Repeatable | None,
    ) -> Split:
        """Gives some appointments of a customer to a new person."""
        planned = persist(lambda: self._plan(caller, customer, parting, network, repeat))
        return self._carry_out(caller, planned, network)

    def undo(self, caller: StaffSession, customer: str, split: str, *, network: str) -> None:
        """Gives them back. ConflictError when the new person has more than these by now."""
        held = _stored(Split.ref(caller.tenant, customer, split))
        if held.undone_at is not None:
            return
        if held.back_since is None:
            self._carry_out(caller, held, network)
            persist(lambda: self._turn(caller, held, network))
        person = _customer(caller.tenant, held.subject)
        self.vault.preload(caller.tenant, [held.subject])
        self._hand_on(caller, held, frm=held.other, to=person, network=network, given=held.emails or {})
        persist(lambda: self._end(caller, held, network))

    def _plan(
        self,
        caller: StaffSession,
        customer: str,
        parting: Parting,
        network: str,
        repeat: Repeatable | None,
    ) -> Split:
        earlier = repeat.earlier() if repeat else None
        if earlier is not None:
            return _stored(Ref(Split, earlier.pk, earlier.sk))
        file, now, transaction = file_of(self.vault, caller, customer), self._now(), Transaction()
        if len(file.splits) >= MOST:
            raise ConflictError(f"Undo some of the {MOST} splits of the last 30 days before you make another.")
        theirs, person = _chosen(file, parting.appointments), parting.person
        if person.email and fetch(self.finding.claim(caller.tenant, person.email), consistent=True):
            raise ConflictError(TAKEN, field="email")
        made = self.finding.make(
            transaction,
            caller.tenant,
            person,
            zone=caller.zone,
            ends=max(each.ends_at for each in theirs),
            now=now,
            source=Source.TENANT,
            entered_by=caller.staff,
        )
        planned = _planned(caller, theirs, made, now)
        transaction.create(planned)
        transaction.require(file.customer)
        for about in (planned.subject, made.subject):
            transaction.create(entry(caller, Action.CUSTOMER_SPLIT, about, at=now, network=network, thing=planned.id))
        if repeat:
            repeat.remember(transaction, planned, at=now)
        transaction.commit()
        return planned

    def _carry_out(self, caller: StaffSession, planned: Split, network: str) -> Split:
        if planned.done_at is not None:
            return planned
        self._hand_on(caller, planned, frm=planned.subject, to=_customer(caller.tenant, planned.other), network=network)
        return persist(lambda: _mark(planned, done_at=self._now()))

    def _hand_on(
        self,
        caller: StaffSession,
        planned: Split,
        *,
        frm: str,
        to: Customer,
        network: str,
        given: Mapping[str, str] | None = None,
    ) -> None:
        self.vault.preload(caller.tenant, [frm, to.subject])
        for each in sorted(planned.appointments):
            go = partial(hand_on, caller, each, frm=frm, to=to, ask=self.ask, now=self._now(), network=network)
            persist(partial(go, given=given))

    def _turn(self, caller: StaffSession, held: Split, network: str) -> None:
        """Decides that they go back: then nothing of the new person may be anything else."""
        file = file_of(self.vault, caller, held.other)
        if _holds_more(held) or file.customer.subject != held.other or file.customer.merged:
            raise ConflictError("The new entry holds more than what went over by now: merge the two instead.")
        _mark(held, back_since=self._now())

    def _end(self, caller: StaffSession, held: Split, network: str) -> None:
        """Ends the new person, whose key goes with the next sweep; not one who booked since it was decided."""
        now, transaction, split = self._now(), Transaction(), _stored(_ref(held))
        if not _holds_more(held):
            person = _customer(caller.tenant, held.other)
            for record in (person, *self.finding.of(person).beside):
                _end(transaction, record, now)
        split.undone_at = now
        transaction.update(split)
        for about in (held.subject, held.other):
            transaction.create(entry(caller, Action.CUSTOMER_UNSPLIT, about, at=now, network=network, thing=held.id))
        transaction.commit()

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)


def _end(transaction: Transaction, record: Record, now: datetime) -> None:
    if isinstance(record, CustomerAddress):  # the address is free for whoever comes with it next
        transaction.delete(record)
    else:
        record.end(now)
        transaction.update(record)


def _holds_more(held: Split) -> bool:
    """Whether the new person has anything that neither came with the appointments nor only says who they are."""
    there = everything(of_person(held.tenant, held.other))
    return any(_is_own(each) and not held.appointments & {*each.sk.split("#")} for each in there)


def _is_own(record: Record) -> bool:
    undone = isinstance(record, Merge | Split) and record.undone_at is not None
    return record.standing() is not Standing.EXPIRED and not undone and not isinstance(record, _GO_ALONG)


def _chosen(file: File, wanted: Sequence[str]) -> list[Appointment]:
    """The appointments that were named. Each lies under the entry itself."""
    held = {each.id: each for each in file.appointments if each.subject == file.customer.subject}
    theirs = [held[each] for each in dict.fromkeys(wanted) if each in held]
    if len(theirs) < len(set(wanted)):
        raise InvalidInputError("Name appointments of this customer.", field="appointments")
    return theirs


def _planned(caller: StaffSession, theirs: Sequence[Appointment], made: Customer, now: datetime) -> Split:
    ref = Split.ref(caller.tenant, theirs[0].subject, new_id(now))
    return Split(
        ref.pk,
        ref.sk,
        zone=made.zone,
        other=made.subject,
        split_at=now,
        split_by=caller.staff,
        appointments={each.id for each in theirs},
        emails={each.id: each.email for each in theirs},
    )


def _mark(held: Split, **at: datetime) -> Split:
    """Notes how far it has come; whoever noted it before was right, too."""
    split = _stored(_ref(held))
    for name, moment in at.items():
        setattr(split, name, getattr(split, name) or moment)
    transaction = Transaction()
    transaction.update(split)
    transaction.commit()
    return split


def _ref(held: Split) -> Ref[Split]:
    return Ref(Split, held.pk, held.sk)


def _stored(ref: Ref[Split]) -> Split:
    found = fetch(ref, consistent=True)
    if found is None:
        raise NotFoundError(_GONE)
    return found


def _customer(tenant: str, customer: str) -> Customer:
    found = fetch(Customer.ref(tenant, customer), consistent=True)
    if found is None:
        raise NotFoundError(_GONE)
    return found
