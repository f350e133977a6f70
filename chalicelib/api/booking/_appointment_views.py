"""How an appointment is shown."""

from typing import TYPE_CHECKING, Literal

from chalicelib import wiring
from chalicelib.api.http.models import Id, Instant, View

if TYPE_CHECKING:
    from chalicelib.records.appointment import Appointment


class Links(View):
    """One token for each thing the customer may do, to be sent in the header `Zusage-Link`."""

    view: str
    reschedule: str
    cancel: str
    calendar: str


class AppointmentView(View):
    """An appointment as its customer sees it."""

    id: Id
    tenant: Id
    service: Id
    expert: Id
    state: Literal["unpaid", "pending", "confirmed", "cancelled", "declined", "lapsed"]
    starts_at: Instant
    ends_at: Instant
    zone: str
    sms_wanted: bool


class Booked(AppointmentView):
    """A fresh or moved appointment, with the links that hold from now on.

    What waits to be paid or confirmed lapses at `lapses_at`; the price is in the smallest unit of its currency. What
    was booked together is of one `series`.
    """

    series: Id | None
    lapses_at: Instant | None
    price: int | None
    currency: str | None
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
    more = {name: getattr(held, name) for name in ("series", "lapses_at", "price", "currency")}
    links = wiring.services().linking.self_service(held)
    return Booked.model_validate({**plain(held), **more, "links": links})
