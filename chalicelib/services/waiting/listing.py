"""Joining a waiting list and leaving it; what staff see of it."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    KeyDestroyedError,
    LinkUsedError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    RestrictedError,
)
from chalicelib.domain.ids import INSTALLATION, new_id
from chalicelib.domain.links import Link, LinkPurpose
from chalicelib.domain.roles import ADMIN
from chalicelib.domain.terms import Place
from chalicelib.domain.waiting import Waiting
from chalicelib.records.customer import CustomerAddress
from chalicelib.records.exceptions import fetch_excepted
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Found, Ref, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.tenant import Tenant
from chalicelib.records.waiting_entry import WaitingListEntry
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.customers.finding import Finding, Person
from chalicelib.services.forms import FormUse
from chalicelib.services.linking import Linking
from chalicelib.services.outbox import notify_person
from chalicelib.services.ports import Vault
from chalicelib.services.side_by_side import side_by_side
from chalicelib.services.sign_in.sessions import StaffSession
from chalicelib.services.waiting.keeping import give_up

PAGE = 100
JOINED = "waiting-joined"
CLOSED = "Please turn to the business itself: at present nobody can join its waiting lists."


@dataclass(frozen=True, kw_only=True)
class Joining:
    """Who wants to wait for what. Address and number are normalised already."""

    tenant: str
    service: str
    waiting: Waiting
    person: Person
    sms_wanted: bool


@dataclass(frozen=True)
class WaitingLists:
    """Waiting lists."""

    vault: Vault
    clock: Clock
    linking: Linking
    finding: Finding

    def join(self, wish: Joining, *, form: FormUse | None, network: str) -> None:
        """Puts somebody on the list of a service. Who stands on it already, or can't be served, is not told so."""
        if wish.sms_wanted and wish.person.phone is None:
            raise InvalidInputError("Give a phone number, or do without text messages.", field="customer.phone")
        now = self._now()
        if wish.waiting.ends_at(now) <= now:
            raise InvalidInputError("Choose days that lie ahead.", field="last_day")
        try:
            persist(lambda: self._join(wish, form, network=network))
        except RestrictedError:
            persist(lambda: _use_up(form))

    def leave(self, token: str, *, network: str) -> None:
        """Takes somebody off the list; what is kept for them is offered to the next. LinkUsedError the second time."""
        link = self.linking.read(token, LinkPurpose.LEAVE_LIST)
        asked = Asked(ground=Ground.SUBJECT_CONSENT, actor=link.subject, network=network)
        ref = WaitingListEntry.ref(link.tenant, link.subject, link.thing)

        def remove() -> bool:
            return self._remove(fetch_excepted(ref, asked), Action.WAITING_LEFT, actor=link.subject, network=network)

        if not persist(remove):
            raise LinkUsedError("You are not on the waiting list any more.")

    def of_service(
        self, caller: StaffSession, service: str, *, after: str = "", network: str
    ) -> tuple[list[WaitingListEntry], str]:
        """A page of those who wait, in order, and the place of the next one; noted. Experts see what they do."""
        _check_theirs(caller, fetch(Service.ref(caller.tenant, service)))
        noted = Transaction()
        action, at = Action.WAITING_LIST_READ, self._now()
        noted.create(LedgerEntry.of(caller.tenant, action, at=at, actor=caller.staff, thing=service, network=network))
        page = partial(WaitingListEntry.page, caller.tenant, service, after=after, most=PAGE)
        (found, rest), _ = side_by_side(page, noted.commit)
        self.vault.preload(caller.tenant, {each.subject for each in found})
        return found, rest

    def remove(self, caller: StaffSession, service: str, customer: str, *, network: str) -> None:
        """Takes a customer off the list. NotFoundError for who is not on it."""
        _check_theirs(caller, fetch(Service.ref(caller.tenant, service)))
        ref = WaitingListEntry.ref(caller.tenant, customer, service)

        def remove() -> bool:
            entry = fetch(ref, consistent=True)
            return self._remove(entry, Action.WAITING_REMOVED, actor=caller.staff, network=network)

        if not persist(remove):
            raise NotFoundError("This customer is not on the list.")

    def _join(self, wish: Joining, form: FormUse | None, *, network: str) -> None:
        now, (found, claim) = self._now(), self._read(wish, form)
        service = _kept_by(found, wish, now=now)
        address = found.get(claim)
        place = WaitingListEntry.ref(wish.tenant, address.of_customer if address else INSTALLATION, wish.service)
        seen = fetch_all([*self.finding.refs_evenly(address), place], consistent=True)
        known = self.finding.known(address, seen)
        transaction = Transaction()
        if form:
            form.check(found.get(form.ref))
            form.use(transaction)
        if known is None:
            person = self.finding.make(transaction, wish.tenant, wish.person, zone=service.zone, ends=now, now=now)
        else:
            person = known.customer
            transaction.require(person)
        ref = WaitingListEntry.ref(wish.tenant, person.subject, wish.service)
        if known is None or seen.get(place) is None:
            entry = _entry(ref, wish, service, now)
            entry.turn = new_id(self.clock())
            entry.until = min(entry.until, person.expiry() or entry.until)  # nothing outlives who it is about
            _enter(transaction, entry, network=network, now=now)
        if len(transaction):
            transaction.commit()

    def _read(self, wish: Joining, form: FormUse | None) -> tuple[Found, Ref[CustomerAddress]]:
        try:
            claim = self.finding.claim(wish.tenant, str(wish.person.email))
        except KeyDestroyedError:
            raise NotFoundError("There is no such business.") from None
        refs: list[Ref[Any]] = [Tenant.ref(wish.tenant), Service.ref(wish.tenant, wish.service), claim]
        return fetch_all([*refs, *([form.ref] if form else [])], consistent=True), claim

    def _remove(self, entry: WaitingListEntry | None, action: Action, *, actor: str, network: str) -> bool:
        if entry is None:
            return False
        now, transaction = self._now(), Transaction()
        give_up(transaction, entry, now=now)
        transaction.delete(entry)
        transaction.create(_noted(entry, action, actor, network, now))
        transaction.commit()
        return True

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def leave_link(entry: WaitingListEntry) -> Link:
    """The link that takes somebody off the list, as long as they wait."""
    return Link(
        purpose=LinkPurpose.LEAVE_LIST,
        tenant=entry.tenant,
        subject=entry.subject,
        thing=entry.service,
        version=0,
        expires=entry.until,
    )


def _kept_by(found: Found, wish: Joining, *, now: datetime) -> Service:
    """The service, which keeps a list that can be joined."""
    if not found.need(Tenant.ref(wish.tenant), what="business").tenancy.is_open(now):
        raise ReadOnlyError(CLOSED)
    service = found.need(Service.ref(wish.tenant, wish.service), what="service")
    if wish.waiting.expert not in {None, *service.experts}:
        raise NotFoundError("This expert does not do this service.")
    if service.offer_minutes is None or service.archived_at is not None:
        raise ConflictError("This service keeps no waiting list.")
    return service


def _entry(ref: Ref[WaitingListEntry], wish: Joining, service: Service, now: datetime) -> WaitingListEntry:
    entry = WaitingListEntry(ref.pk, ref.sk, zone=service.zone, service=wish.service, language=wish.person.language)
    entry.waiting, entry.sms_wanted = wish.waiting, wish.sms_wanted
    entry.joined_at, entry.until = now, wish.waiting.ends_at(now)
    entry.given_name, entry.family_name = wish.person.given_name, wish.person.family_name
    reached = wish.sms_wanted or service.place is Place.PHONE
    entry.email, entry.phone = str(wish.person.email), wish.person.phone if reached else None
    return entry


def _enter(transaction: Transaction, entry: WaitingListEntry, *, network: str, now: datetime) -> None:
    transaction.create(entry)
    notify_person(
        transaction,
        entry,
        JOINED,
        about=entry.service,
        language=entry.language,
        useless_at=entry.until,
        now=now,
    )
    transaction.create(_noted(entry, Action.WAITING_JOINED, entry.subject, network, now))


def _noted(entry: WaitingListEntry, action: Action, actor: str, network: str, now: datetime) -> LedgerEntry:
    who, thing = entry.subject, entry.service
    return LedgerEntry.of(entry.tenant, action, at=now, actor=actor, about=who, thing=thing, network=network)


def _use_up(form: FormUse | None) -> None:
    """The answer to somebody who can't be served is that to everybody, down to the form."""
    if form:
        transaction = Transaction()
        form.use(transaction)
        transaction.commit()


def _check_theirs(caller: StaffSession, service: Service | None) -> None:
    if service is None:
        raise NotFoundError("There is no such service.")
    if ADMIN not in caller.roles and caller.staff not in service.experts:
        raise NotAllowedError("Experts see the lists of the services that they do.")
