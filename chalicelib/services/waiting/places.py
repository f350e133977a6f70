"""What becomes of a place that is kept for somebody: they take it, which is a booking, or leave it to the next one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import LinkUsedError, NotFoundError
from chalicelib.domain.links import Link, LinkPurpose
from chalicelib.domain.questions import Given
from chalicelib.records.appointment import Appointment
from chalicelib.records.exceptions import fetch_excepted
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Found, Ref, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.records.waiting_entry import WaitingListEntry
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.booking.booking import Booking
from chalicelib.services.booking.wishing import Wish
from chalicelib.services.door.sheets import Claim
from chalicelib.services.linking import Linking
from chalicelib.services.ports import Vault
from chalicelib.services.waiting.keeping import claim_of_freed, give_up

_OVER = "The place is not kept for you any more. If another one becomes free, you will hear of it."


@dataclass(frozen=True, kw_only=True)
class OfferedPlace:
    """A time that is kept for somebody, with what they have to know to decide. The expert may have left."""

    entry: WaitingListEntry
    freed: FreedTime
    service: Service
    tenant: Tenant
    expert: Staff | None


@dataclass(frozen=True, kw_only=True)
class Yes:
    """What goes along with it: whatever booking asks for beside the time."""

    answers: Mapping[str, Given] = field(default_factory=dict)
    address: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class PlaceRight:
    """The right to a freed time, as the link that accepts it says."""

    link: Link
    freed: Ref[FreedTime]
    now: datetime
    confirmed: bool = False

    def refs(self) -> list[Ref[Any]]:
        """The place on the list, and the time."""
        return [_entry_ref(self.link), self.freed]

    def check(self, found: Found) -> None:
        """LinkUsedError when the place is taken, declined, lapsed or offered anew."""
        self._both(found)

    def claims(self, found: Found) -> list[Claim]:
        """The time that is kept."""
        claim = claim_of_freed(self._both(found)[1])
        return [claim] if claim else []

    def use(self, transaction: Transaction, found: Found, appointment: Appointment) -> None:
        """Who has a place waits no more, and the time is offered to nobody else."""
        for record in self._both(found):
            transaction.delete(record)

    def _both(self, found: Found) -> tuple[WaitingListEntry, FreedTime]:
        return _current(found.get(_entry_ref(self.link)), found.get(self.freed), self.link, self.now)


@dataclass(frozen=True)
class Places:
    """Places that are kept for those who waited."""

    vault: Vault
    clock: Clock
    linking: Linking
    booking: Booking

    def show(self, token: str, *, network: str) -> OfferedPlace:
        """What is offered. LinkUsedError or LinkExpiredError when it is no more."""
        link = self.linking.read(token, LinkPurpose.ACCEPT_PLACE, LinkPurpose.DECLINE_PLACE)
        entry, freed = self._kept(link, network)
        tenant_ref, service_ref = Tenant.ref(entry.tenant), Service.ref(entry.tenant, entry.service)
        expert_ref = Staff.ref(entry.tenant, freed.expert)
        found = fetch_all([tenant_ref, service_ref, expert_ref])
        tenant, service = found.get(tenant_ref), found.get(service_ref)
        if tenant is None or service is None:
            raise NotFoundError("The business does not offer this any more.")
        self.vault.preload(entry.tenant, [entry.tenant, entry.subject, freed.expert])
        return OfferedPlace(entry=entry, freed=freed, service=service, tenant=tenant, expert=found.get(expert_ref))

    def accept(self, token: str, yes: Yes, *, network: str) -> Appointment:
        """Books the place, with all that booking asks for. The second time answers LinkUsedError."""
        link = self.linking.read(token, LinkPurpose.ACCEPT_PLACE)
        entry, freed = self._kept(link, network)
        self.vault.preload(entry.tenant, [entry.subject])
        wish = Wish(
            tenant=entry.tenant,
            service=entry.service,
            expert=freed.expert,
            starts_at=freed.starts_at,
            duration=int((freed.ends_at - freed.starts_at).total_seconds()) // 60,
            given_name=entry.given_name,
            family_name=entry.family_name,
            email=entry.email,
            phone=yes.phone or entry.phone,
            language=entry.language,
            zone=entry.customer_zone,
            sms_wanted=bool(entry.sms_wanted),
            answers=yes.answers,
            address=yes.address,
        )
        right = PlaceRight(link, FreedTime.ref(freed.tenant, freed.id), self.clock())
        return self.booking.book(wish, network=network, repeat=None, right=right)

    def decline(self, token: str, *, network: str) -> None:
        """Leaves it to the next one, and waits on for another."""
        link = self.linking.read(token, LinkPurpose.DECLINE_PLACE)
        persist(lambda: self._decline(link, network=network))

    def _decline(self, link: Link, *, network: str) -> None:
        now, transaction = self.clock().replace(microsecond=0), Transaction()
        entry, freed = self._kept(link, network)
        give_up(transaction, entry, now=now)
        entry.let_pass()
        transaction.update(entry)
        who, action = entry.subject, Action.PLACE_DECLINED
        transaction.create(
            LedgerEntry.of(entry.tenant, action, at=now, actor=who, about=who, thing=freed.id, network=network)
        )
        transaction.commit()

    def _kept(self, link: Link, network: str) -> tuple[WaitingListEntry, FreedTime]:
        """What somebody does with a link of their own they wish for: a restriction they had asked for allows it."""
        asked = Asked(ground=Ground.SUBJECT_CONSENT, actor=link.subject, network=network)
        entry = fetch_excepted(_entry_ref(link), asked)
        held = entry.offered if entry else None
        freed = fetch(FreedTime.ref(link.tenant, held), consistent=True) if held else None
        return _current(entry, freed, link, self.clock())


def place_link(entry: WaitingListEntry, purpose: LinkPurpose) -> Link:
    """A link to the place that is kept for somebody now."""
    return Link(
        purpose=purpose,
        tenant=entry.tenant,
        subject=entry.subject,
        thing=entry.service,
        version=int(entry.serial),
        expires=entry.offered_until or entry.joined_at,
    )


def _current(
    entry: WaitingListEntry | None, freed: FreedTime | None, link: Link, now: datetime
) -> tuple[WaitingListEntry, FreedTime]:
    """Both, if the link is about what is kept now; LinkUsedError when it is not."""
    if entry is None or freed is None or not entry.has_offer(now):
        raise LinkUsedError(_OVER)
    if int(entry.serial) != link.version or entry.offered != freed.id:
        raise LinkUsedError(_OVER)
    return entry, freed


def _entry_ref(link: Link) -> Ref[WaitingListEntry]:
    return WaitingListEntry.ref(link.tenant, link.subject, link.thing)
