"""Where an appointment takes place, by what the service, the business and the customer say."""

from chalicelib.domain.terms import Place
from chalicelib.messages.where import Where
from chalicelib.records.appointment import Appointment
from chalicelib.records.premises import Premises
from chalicelib.records.service import Service
from chalicelib.records.tenant import Tenant


def where_of(
    appointment: Appointment, service: Service, tenant: Tenant, premises: Premises | None, *, fully: bool
) -> Where:
    """The place. Only a person who looks for it gets it `fully`: their own address and number are in no mail."""
    place = appointment.place
    if place is Place.ON_SITE:
        return Where(place=place, address=_site(service, premises) or _home(tenant))
    if place is Place.VIDEO:
        return Where(place=place, link=service.meeting_link or "")
    if place is Place.CUSTOMER:
        return Where(place=place, address=(appointment.address or "") if fully else "")
    if appointment.phone:
        return Where(place=place, phone=appointment.phone if fully else "")
    return Where(place=place, phone=tenant.contact_phone, ours=True)


def _site(service: Service, premises: Premises | None) -> str:
    sites = premises.sites if premises else []
    held = next((each for each in sites if each["id"] == service.site), None)
    return f"{held['name']}, {held['street']}, {held['postal_code']} {held['city']}" if held else ""


def _home(tenant: Tenant) -> str:
    return f"{tenant.street}, {tenant.postal_code} {tenant.city}"
