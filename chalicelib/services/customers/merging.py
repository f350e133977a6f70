"""Two entries of one person: one remains, the other leads to it, and all of it can be undone for thirty days.

No record is moved. What lies under the other entry stays there, sealed with its key, and ends when it would have. The
other entry names the one that remains (`merged_into`), which names all that were merged into it (`merged`), never over
several steps. The claims of all their addresses lead to the one that remains, live as long as it does, and know each
other. Whoever reads, restricts or holds a person follows `merged`.

What is booked after a merge, by whichever address, lies with the entry that remains, and stays there when it is undone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, InvalidInputError, NotFoundError
from chalicelib.domain.ids import new_id
from chalicelib.records.customer import Customer, CustomerAddress, CustomerName
from chalicelib.records.customer_join import Merge
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.customers.claims import bind_together
from chalicelib.services.customers.entries import entry
from chalicelib.services.customers.files import live
from chalicelib.services.customers.finding import Finding, Known
from chalicelib.services.ports import Vault
from chalicelib.services.repeating import Repeatable
from chalicelib.services.rights.holding import Holding
from chalicelib.services.sign_in.sessions import StaffSession

MOST = 10


@dataclass(frozen=True)
class Merging:
    """Merges entries, and undoes it."""

    vault: Vault
    clock: Clock
    finding: Finding
    holding: Holding

    def merge(
        self, caller: StaffSession, customer: str, other: str, *, network: str, repeat: Repeatable | None
    ) -> Merge:
        """Has `other` lead to `customer`. A legal hold on one of them covers both from then on."""
        made = persist(lambda: self._merge(caller, customer, other, network, repeat))
        self.holding.share(caller.tenant, made.subject, made.other)
        return made

    def undo(self, caller: StaffSession, customer: str, merge: str, *, network: str) -> None:
        """Both stand for themselves again. ConflictError when one of them was merged elsewhere, or has ended."""
        persist(lambda: self._undo(caller, customer, merge, network))

    def _merge(self, caller: StaffSession, customer: str, other: str, network: str, repeat: Repeatable | None) -> Merge:
        earlier = repeat.earlier() if repeat else None
        if earlier is not None:
            return _stored(Ref(Merge, earlier.pk, earlier.sk))
        stays, goes = live(caller.tenant, customer), live(caller.tenant, other)
        if stays.subject == goes.subject:
            for one in sorted(stays.merged or ()):  # whoever was killed before all holds were shared asks again
                self.holding.share(caller.tenant, stays.subject, one)
            raise InvalidInputError("Name another customer: these two are one already.", field="other")
        self.vault.preload(caller.tenant, [stays.subject, goes.subject])
        now, transaction = self._now(), Transaction()
        mine, theirs = self.finding.of(stays), self.finding.of(goes)
        others = _people(caller.tenant, goes.merged or ())
        joined = {*(stays.merged or ()), *(goes.merged or ()), goes.subject}
        if len(joined) > MOST:
            raise ConflictError(f"At most {MOST} entries can be merged into one.")
        stays.merged = joined
        stays.more_claims = {*stays.claims, *goes.claims} - {stays.email_index} or None
        for each in (goes, *others):
            each.merged_into = stays.subject
            transaction.update(each)
        ends = max(stays.last_appointment_at, goes.last_appointment_at)
        _settle(transaction, stays, [*mine.beside], _claims(theirs), ends)
        made = _made(caller, stays, goes, now)
        transaction.create(made)
        _note(transaction, caller, Action.CUSTOMER_MERGED, made, at=now, network=network)
        if repeat:
            repeat.remember(transaction, made, at=now)
        transaction.commit()
        return made

    def _undo(self, caller: StaffSession, customer: str, merge: str, network: str) -> None:
        made = _stored(Merge.ref(caller.tenant, customer, merge))
        if made.undone_at is not None:
            return
        stays, goes = _both(made)
        self.vault.preload(caller.tenant, [stays.subject, goes.subject])
        now, transaction = self._now(), Transaction()
        others = _people(caller.tenant, goes.merged or ())
        known = self.finding.of(stays)
        back = goes.claims
        if stays.email_index in back:
            raise ConflictError(
                "Give this customer another address first: the one they have is that of the other entry."
            )
        kept = [each for each in known.beside if not (isinstance(each, CustomerAddress) and each.index in back)]
        returned = [each for each in _claims(known) if each.index in back]
        stays.merged = {*(stays.merged or ())} - {goes.subject, *(goes.merged or ())} or None
        stays.more_claims = {*stays.claims} - back - {stays.email_index} or None
        goes.merged_into = None
        for each in others:
            each.merged_into = goes.subject
            transaction.update(each)
        _settle(transaction, stays, kept, [], stays.last_appointment_at)
        _settle(transaction, goes, [], returned, goes.last_appointment_at)
        made.undone_at = now
        transaction.update(made)
        _note(transaction, caller, Action.CUSTOMER_UNMERGED, made, at=now, network=network)
        transaction.commit()

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)


def _settle(
    transaction: Transaction,
    person: Customer,
    kept: Sequence[CustomerAddress | CustomerName],
    gained: Sequence[CustomerAddress],
    ends: datetime,
) -> None:
    """Writes a person with all that lies beside them: claims that lead to them, and the one period of it all."""
    for claim in gained:
        claim.of_customer = person.subject
    beside = (*kept, *gained)
    bind_together(each for each in beside if isinstance(each, CustomerAddress))
    for record in (person, *beside):
        record.last_appointment_at = ends
        transaction.update(record)


def _claims(known: Known) -> list[CustomerAddress]:
    return [each for each in known.beside if isinstance(each, CustomerAddress)]


def _people(tenant: str, ids: Iterable[str]) -> list[Customer]:
    """Those of the entries that have not ended."""
    refs = [Customer.ref(tenant, each) for each in sorted(ids)]
    found = fetch_all(refs, consistent=True)
    return [each for ref in refs if (each := found.get(ref)) is not None]


def _both(made: Merge) -> tuple[Customer, Customer]:
    """The one that remained and the other, if the merge still is what holds between them."""
    stays, goes = (_one(made.tenant, each) for each in (made.subject, made.other))
    if stays is None or goes is None:
        raise ConflictError("One of the two entries has ended: there is nothing left to part.")
    if stays.merged_into or goes.merged_into != stays.subject:
        raise ConflictError("Undo what was merged later first.")
    return stays, goes


def _one(tenant: str, customer: str) -> Customer | None:
    return fetch(Customer.ref(tenant, customer), consistent=True)


def _stored(ref: Ref[Merge]) -> Merge:
    found = fetch(ref, consistent=True)
    if found is None:
        raise NotFoundError("There is no such merge, or it is more than 30 days ago.")
    return found


def _made(caller: StaffSession, stays: Customer, goes: Customer, now: datetime) -> Merge:
    ref = Merge.ref(caller.tenant, stays.subject, new_id(now))
    return Merge(ref.pk, ref.sk, zone=stays.zone, other=goes.subject, merged_at=now, merged_by=caller.staff)


def _note(
    transaction: Transaction, caller: StaffSession, action: Action, made: Merge, *, at: datetime, network: str
) -> None:
    for each in (made.subject, made.other):
        transaction.create(entry(caller, action, each, at=at, network=network, thing=made.id))
