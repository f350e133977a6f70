"""What experts are told of appointments that wait for them, and whether it is still true when it goes out."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.domain.links import Link, LinkPurpose
from chalicelib.messages.catalogue import Message, choose_language
from chalicelib.messages.when import spoken_time
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.notification import Notification
from chalicelib.records.reading import fetch_all
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.services._not_sent import NotToBeSent
from chalicelib.services.booking.pending import DECLINED, MISSED, SEVERAL_WANTED, WANTED, awaited
from chalicelib.services.linking import Linking

MESSAGES = {WANTED: State.PENDING, SEVERAL_WANTED: State.PENDING, MISSED: State.LAPSED, DECLINED: State.DECLINED}
PAGE = "confirmation"


def pending_words(
    notification: Notification, message: Message, tenant: Tenant, staff: Staff, *, linking: Linking, now: datetime
) -> tuple[Mapping[str, str], Sequence[Mapping[str, str]]]:
    """The values of a message, and of each appointment in one about several: which service it is and when.

    Times are in the zone of who is told. Who the customer is stands behind the sign-in.
    """
    language = choose_language(notification.language, fallback=staff.language)
    held = _still_true(notification, now)
    services = {each.service: Service.ref(each.tenant, each.service) for each in held}
    found = fetch_all(services.values())
    lines = [
        _line(each, service, staff, linking=linking, language=language)
        for each in held
        if (service := found.get(services[each.service])) is not None
    ]
    if not lines:
        raise NotToBeSent("gone")
    said = {"given_name": staff.given_name, "business": tenant.company, **lines[0]}
    each_said = [{name: line[name] for name in message.each} for line in lines] if message.each else []
    return {name: said[name] for name in message.fields}, each_said


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


def _line(held: Appointment, service: Service, staff: Staff, *, linking: Linking, language: str) -> dict[str, str]:
    zone = staff.own_zone or staff.zone
    return {
        "service": service.name,
        "when": spoken_time(held.starts_at, zone, language),
        "until": spoken_time(held.lapses_at, zone, language) if held.lapses_at else "",
        "link": _page(linking, held, staff),
    }


def _page(linking: Linking, held: Appointment, staff: Staff) -> str:
    """Where they decide, or see how it stands."""
    return linking.page(PAGE, decision_link(held, staff)) if held.state.waits else f"{linking.base_url}/sign-in"


def _still_true(notification: Notification, now: datetime) -> list[Appointment]:
    """What is still to be said of, in order of time; one at least, or NotToBeSent.

    What was moved since has a message of its own.
    """
    customer, *ids = str(notification.about).split(".")
    refs = [Appointment.ref(notification.tenant, customer, each) for each in ids]
    held = list(filter(None, map(fetch_all(refs, consistent=True).get, refs)))
    if not held:
        raise NotToBeSent("gone")
    true = [each for each in held if _concerns(notification, each, now)]
    if not true:
        raise NotToBeSent("superseded")
    return sorted(true, key=lambda each: each.starts_at)


def _concerns(notification: Notification, held: Appointment, now: datetime) -> bool:
    """Whether it stands as the message says, and it is for this expert to hear of it."""
    if held.lapses_at is not None and held.lapses_at <= now:
        return False
    concerned = awaited(held) if held.state.waits else (held.expert, *(held.others or ()))
    said = (held.state, int(held.sequence), notification.subject in concerned)
    return said == (MESSAGES[notification.message], int(notification.about_version or 0), True)
