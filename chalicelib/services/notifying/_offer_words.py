"""What customers are told of waiting lists and proposals, and whether it is still true when it goes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.links import LinkPurpose
from chalicelib.messages.catalogue import Message, choose_language
from chalicelib.messages.when import short_time, spoken_time
from chalicelib.records.customer import Customer
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.notification import Notification
from chalicelib.records.proposal import Proposal, ProposalState
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.records.waiting_entry import WaitingListEntry
from chalicelib.services._not_sent import NotToBeSent
from chalicelib.services.booking.proposed import CHOSEN, LAPSED, choice_link
from chalicelib.services.booking.proposing import PROPOSED
from chalicelib.services.booking.withdrawing import WITHDRAWN
from chalicelib.services.linking import Linking
from chalicelib.services.notifying._said import Said
from chalicelib.services.ports import Vault
from chalicelib.services.waiting.listing import JOINED, leave_link
from chalicelib.services.waiting.places import place_link

_OF_PROPOSALS = {PROPOSED: ProposalState.OPEN, WITHDRAWN: ProposalState.WITHDRAWN}
TO_EXPERTS = {CHOSEN: ProposalState.CHOSEN, LAPSED: ProposalState.LAPSED}


@dataclass(frozen=True)
class OfferWords:
    """Reads what such messages are about."""

    vault: Vault
    linking: Linking

    def say(self, notification: Notification, message: Message, *, now: datetime) -> Said:
        """The values of a message to a customer. NotToBeSent when it is not true any more."""
        if message.name in _OF_PROPOSALS:
            return self._proposed(notification, message, now)
        ref = WaitingListEntry.ref(notification.tenant, notification.subject, str(notification.about))
        entry = fetch(ref, consistent=True)
        if entry is None:
            raise NotToBeSent("gone")
        return self._waiting(notification, message, entry, now)

    def _waiting(self, notification: Notification, message: Message, entry: WaitingListEntry, now: datetime) -> Said:
        short, joined = notification.channel == "sms", message.name == JOINED
        freed = fetch(FreedTime.ref(entry.tenant, entry.offered), consistent=True) if entry.offered else None
        current = freed is not None and entry.has_offer(now) and int(entry.serial) == notification.about_version
        if not joined and not current:
            raise NotToBeSent("superseded")
        tenant, service, expert = self._around(
            entry.tenant, entry.subject, entry.service, freed.expert if freed else None
        )
        language = choose_language(notification.language, fallback=tenant.language)
        spoken, zone = short_time if short else spoken_time, entry.customer_zone
        said = {
            "given_name": entry.given_name,
            "family_name": entry.family_name,
            **_business(tenant, service, expert),
            "zone": zone,
            "when": spoken(freed.starts_at, zone, language) if freed else "",
            "until": spoken(entry.until if joined else entry.offered_until or now, zone, language),
            "manage_link": self._leave_page(entry) if joined else self._place_page(entry, short=short),
        }
        return Said(
            tenant=tenant,
            name=f"{entry.given_name} {entry.family_name}",
            email=entry.email,
            phone=entry.phone,
            values={name: said[name] for name in message.fields},
        )

    def _proposed(self, notification: Notification, message: Message, now: datetime) -> Said:
        ref = Proposal.ref(notification.tenant, notification.subject, str(notification.about))
        person_ref = Customer.ref(notification.tenant, notification.subject)
        found = fetch_all([ref, person_ref], consistent=True)
        held, person = found.get(ref), found.get(person_ref)
        starts = held.starts(now) if held and held.state is _OF_PROPOSALS[message.name] and now < held.until else []
        if held is None or person is None or not starts:
            raise NotToBeSent("superseded")
        tenant, service, expert = self._around(held.tenant, held.subject, held.service, held.expert or None)
        if not person.email:
            raise NotToBeSent("not-wanted")
        language, zone = choose_language(notification.language, fallback=tenant.language), str(held.zone)
        said = {
            "given_name": person.given_name,
            "family_name": person.family_name,
            **_business(tenant, service, expert),
            "zone": zone,
            "times": "; ".join(spoken_time(each, zone, language) for each in starts),
            "until": spoken_time(held.until, zone, language),
            "manage_link": self.linking.page("proposal", choice_link(held), name="choose="),
        }
        name = f"{person.given_name} {person.family_name}"
        values = {name: said[name] for name in message.fields}
        return Said(tenant=tenant, name=name, email=person.email, phone=None, values=values)

    def _around(
        self, tenant: str, customer: str, service: str, expert: str | None
    ) -> tuple[Tenant, Service, Staff | None]:
        refs = Tenant.ref(tenant), Service.ref(tenant, service)
        expert_ref: Ref[Staff] | None = Staff.ref(tenant, expert) if expert else None
        found = fetch_all([*refs, *([expert_ref] if expert_ref else [])])
        business, offered = found.get(refs[0]), found.get(refs[1])
        if business is None or offered is None:
            raise NotToBeSent("gone")
        self.vault.preload(tenant, [tenant, customer, *([expert] if expert else [])])
        return business, offered, found.get(expert_ref) if expert_ref else None

    def _leave_page(self, entry: WaitingListEntry) -> str:
        return self.linking.page("waiting", leave_link(entry), name="leave=")

    def _place_page(self, entry: WaitingListEntry, *, short: bool) -> str:
        """A text message has room for one link: the offer ends by itself for who does not take it."""
        page = self.linking.page("place", place_link(entry, LinkPurpose.ACCEPT_PLACE), name="accept=")
        decline = self.linking.token(place_link(entry, LinkPurpose.DECLINE_PLACE))
        return page if short else f"{page}&decline={decline}"


def _business(tenant: Tenant, service: Service, expert: Staff | None) -> dict[str, str]:
    return {
        "business": tenant.company,
        "service": service.name,
        "expert": expert.display_name if expert else tenant.company,
        "business_contact": f"{tenant.contact_mail}, {tenant.contact_phone}",
    }


def expert_words(
    notification: Notification, message: Message, tenant: Tenant, staff: Staff, *, linking: Linking
) -> Mapping[str, str]:
    """What became of a proposal, without a name: who the customer is stands behind the sign-in."""
    customer, _, proposal = str(notification.about).partition(".")
    held = fetch(Proposal.ref(notification.tenant, customer, proposal), consistent=True)
    service = fetch(Service.ref(held.tenant, held.service)) if held else None
    if held is None or service is None or held.state is not TO_EXPERTS[message.name]:
        raise NotToBeSent("superseded")
    language, zone = choose_language(notification.language, fallback=staff.language), staff.own_zone or staff.zone
    said = {
        "business": tenant.company,
        "service": service.name,
        "when": spoken_time(held.chosen, zone, language) if held.chosen else "",
        "link": f"{linking.base_url}/sign-in",
    }
    return {name: said[name] for name in message.fields & said.keys()}
