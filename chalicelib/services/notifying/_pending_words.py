"""What experts are told of appointments that wait for them, and whether it is still true when it goes out."""

from collections.abc import Mapping

from chalicelib.domain.links import Link, LinkPurpose
from chalicelib.messages.catalogue import Message, choose_language
from chalicelib.messages.when import spoken_time
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.notification import Notification
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.services._not_sent import NotToBeSent
from chalicelib.services.booking.pending import DECLINED, MISSED, WANTED, awaited
from chalicelib.services.linking import Linking

MESSAGES = {WANTED: State.PENDING, MISSED: State.LAPSED, DECLINED: State.DECLINED}
PAGE = "confirmation"


def pending_words(
    notification: Notification, message: Message, tenant: Tenant, staff: Staff, *, linking: Linking
) -> Mapping[str, str]:
    """Which service it is and when, in the zone of who is told. Who the customer is stands behind the sign-in."""
    held = _still_true(notification)
    service = fetch_all([ref := Service.ref(held.tenant, held.service)]).get(ref)
    if service is None:
        raise NotToBeSent("gone")
    language = choose_language(notification.language, fallback=staff.language)
    zone = staff.own_zone or staff.zone
    said = {
        "business": tenant.company,
        "service": service.name,
        "when": spoken_time(held.starts_at, zone, language),
        "until": spoken_time(held.lapses_at, zone, language) if held.lapses_at else "",
        "link": _page(linking, held, staff),
    }
    return {name: said[name] for name in message.fields & said.keys()}


def _page(linking: Linking, held: Appointment, staff: Staff) -> str:
    """Where they decide, or see how it stands."""
    return linking.page(PAGE, decision_link(held, staff)) if held.state.waits else f"{linking.base_url}/sign-in"


def decision_link(held: Appointment, staff: Staff) -> Link:
    """The link by which one expert confirms or declines it as it stands; honoured late, if the time is free."""
    return Link(
        purpose=LinkPurpose.DECIDE,
        tenant=held.tenant,
        subject=held.subject,
        thing=held.id,
        version=int(held.sequence),
        expires=held.starts_at,
        holder=staff.subject,
    )


def _still_true(notification: Notification) -> Appointment:
    customer, _, appointment = str(notification.about).partition(".")
    held = fetch(Appointment.ref(notification.tenant, customer, appointment), consistent=True)
    if held is None:
        raise NotToBeSent("gone")
    concerned = awaited(held) if held.state.waits else (held.expert, *(held.others or ()))
    said = (held.state, int(held.sequence), notification.subject in concerned)
    if said != (MESSAGES[notification.message], int(notification.about_version or 0), True):
        raise NotToBeSent("superseded")
    return held
