"""What the pages of offers have in common: how a time that is kept is shown, and what comes back with a yes."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from chalicelib.api.http.models import Body, Id, Instant, View, line, many, text
from chalicelib.api.http.people import Line, Phone

if TYPE_CHECKING:
    from chalicelib.domain.questions import Given
    from chalicelib.records.service import Service
    from chalicelib.records.staff import Staff
    from chalicelib.records.tenant import Tenant

_Word = Annotated[str, text(4000)]


class OfferAnswer(Body):
    """The answer to one question of the service."""

    question: Annotated[str, line(40)]
    answer: bool | int | float | _Word | Annotated[list[_Word], many(50)]


class Taken(Body):
    """What booking may ask for beside the time: answers, an address to come to, a number to call."""

    answers: Annotated[list[OfferAnswer], many(50)] = Field(default_factory=list)
    address: Line | None = None
    phone: Phone | None = None

    def given(self) -> "dict[str, Given]":
        """The answers by question."""
        return {each.question: each.answer for each in self.answers}


class OfferView(View):
    """What is offered by whom, until when. Questions and terms of the service stand with the business."""

    tenant: Id
    business: str
    service: Id
    service_name: str
    expert: Id
    expert_name: str
    place: Literal["on-site", "phone", "video", "customer"]
    price: int | None
    currency: str
    duration: int
    zone: str
    until: Instant


def offer_fields(tenant: "Tenant", service: "Service", expert: str, staff: "Staff | None") -> dict[str, object]:
    """The part that follows from the service."""
    return {
        "tenant": tenant.tenant,
        "business": tenant.company,
        "service": service.id,
        "service_name": service.name,
        "expert": expert,
        "expert_name": staff.display_name if staff else tenant.company,
        "place": service.place.value,
        "price": service.price,
        "currency": service.currency,
    }
