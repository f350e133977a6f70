"""How an appointment is shown."""

from typing import TYPE_CHECKING, Literal

from chalicelib import wiring
from chalicelib.api._models import Id, Instant, View

if TYPE_CHECKING:
    from chalicelib.records.appointment import Appointment


class Links(View):
    """One token for each thing the customer may do, to be sent in the header `Zusage-Link`."""

    cancel: str
    reschedule: str


class AppointmentView(View):
    """An appointment as its customer sees it."""

    id: Id
    tenant: Id
    service: Id
    expert: Id
    state: Literal["confirmed", "cancelled"]
    starts_at: Instant
    ends_at: Instant
    zone: str
    sms_wanted: bool


class Booked(AppointmentView):
    """A fresh or moved appointment, with the links that hold from now on."""

    links: Links


def plain(held: "Appointment") -> dict[str, object]:
    """What everybody sees of it who may see it at all."""
    return {
        "id": held.id,
        "tenant": held.tenant,
        "service": held.service,
        "expert": held.expert,
        "state": held.state.value,
        "starts_at": held.starts_at,
        "ends_at": held.ends_at,
        "zone": held.customer_zone,
        "sms_wanted": held.sms_wanted,
    }


def booked(held: "Appointment") -> Booked:
    """The appointment with its links as they now hold."""
    return Booked.model_validate({**plain(held), "links": wiring.services().linking.self_service(held)})
