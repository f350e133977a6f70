"""Waiting lists: customers join and leave them, and take or decline a place that is kept; staff look after them."""

from typing import TYPE_CHECKING, Annotated

from chalice.app import Blueprint
from pydantic import Field, model_validator

from chalicelib import wiring
from chalicelib.api.booking._appointment_views import Booked, booked
from chalicelib.api.booking._offered import OfferView, Taken, offer_fields
from chalicelib.api.http.auth import Link, Public, Staff
from chalicelib.api.http.by_link import LINK_ERRORS, OWN
from chalicelib.api.http.cursor import Cursor, PageAsked, cursor_of, place_of
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, LocalDate, LocalTime, View, many, refused
from chalicelib.api.http.people import CustomerGiven
from chalicelib.api.http.request import Call
from chalicelib.domain import scopes
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    RestrictedError,
    SlotTakenError,
)
from chalicelib.domain.roles import ADMIN, EXPERT

if TYPE_CHECKING:
    from chalicelib.records.waiting_entry import WaitingListEntry
    from chalicelib.services.waiting.listing import Joining

routes = Blueprint(__name__)


class Join(Body):
    """What somebody waits for. No expert: any; no weekdays: all. Times of day are wall times of the customer's zone."""

    service: Id
    expert: Id | None = None
    first_day: LocalDate
    last_day: LocalDate
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], many(7)] = Field(default_factory=list)
    earliest: LocalTime = "00:00"
    latest: LocalTime = "24:00"
    customer: CustomerGiven
    sms_wanted: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> "Join":
        if self.last_day < self.first_day or self.latest <= self.earliest:
            raise refused("ends before it begins", "Send the first day and time before the last.")
        return self


class Place(OfferView):
    """A freed time that is kept for whoever holds the link."""

    starts_at: Instant
    ends_at: Instant


class Entry(View):
    """A place on the list. Who may not be used is shown without a name."""

    customer: Id
    expert: Id | None
    first_day: str
    last_day: str
    weekdays: list[int]
    earliest: int
    latest: int
    zone: str
    joined_at: Instant
    until: Instant
    offered_until: Instant | None
    restricted: bool
    given_name: str | None
    family_name: str | None
    email: str | None
    phone: str | None


class Entries(View):
    """Some places, in order, and where the rest begins."""

    entries: Annotated[list[Entry], many(100)]
    cursor: Cursor | None


@routes.route("/tenants/{tenant}/waiting-list", methods=["POST"])
@endpoint(
    auth=Public("customers wait without an account", key=scopes.APPOINTMENTS_WRITE),
    takes=Join,
    status=202,
    form="waiting",
    errors=(NotFoundError, ConflictError, ReadOnlyError, InvalidInputError),
    ledger=(Action.WAITING_JOINED,),
    summary="Join a waiting list",
)
def join(call: Call[Join], tenant: str) -> None:
    """The answer is the same for who is on the list already: whoever it is hears by mail."""
    wiring.services().waiting_lists.join(_joining(tenant, call.body), form=call.form, network=call.ip)


@routes.route("/waiting-list/departure", methods=["POST"])
@endpoint(
    auth=Link("leave a waiting list"),
    errors=LINK_ERRORS,
    ledger=(Action.WAITING_LEFT,),
    summary="Leave a waiting list by link",
)
def leave(call: Call) -> None:
    """What is kept for them is offered to the next one. The second time answers 410."""
    wiring.services().waiting_lists.leave(call.token, network=call.ip)


@routes.route("/services/{service}/waiting-list", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    query=PageAsked,
    gives=Entries,
    errors=(InvalidInputError, NotFoundError, NotAllowedError),
    ledger=(Action.WAITING_LIST_READ,),
    summary="List who waits for a service",
)
def waiting_list(call: Call[None, PageAsked], service: str) -> Entries:
    """Experts see the lists of the services that they do. A page may hold less, and others follow."""
    after = place_of(call.query.cursor, r"[0-9a-f]{32}")
    found, rest = wiring.services().waiting_lists.of_service(call.session, service, after=after, network=call.ip)
    return Entries(entries=[_entry(each) for each in found], cursor=cursor_of(rest))


@routes.route("/services/{service}/waiting-list/{customer}", methods=["DELETE"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    errors=(NotFoundError, NotAllowedError, RestrictedError),
    ledger=(Action.WAITING_REMOVED,),
    summary="Take a customer off a waiting list",
)
def remove_from_list(call: Call, service: str, customer: str) -> None:
    """What is kept for them is offered to the next one."""
    wiring.services().waiting_lists.remove(call.session, service, customer, network=call.ip)


@routes.route("/waiting-place", methods=["GET"])
@endpoint(
    auth=Link("see a place that is kept for one"),
    gives=Place,
    errors=LINK_ERRORS,
    ledger=OWN,
    summary="See a kept place by link",
)
def place(call: Call) -> Place:
    """410 when it is not kept any more."""
    shown = wiring.services().places.show(call.token, network=call.ip)
    freed, entry = shown.freed, shown.entry
    return Place.model_validate(
        {
            **offer_fields(shown.tenant, shown.service, freed.expert, shown.expert),
            "starts_at": freed.starts_at,
            "ends_at": freed.ends_at,
            "duration": (freed.ends_at - freed.starts_at).total_seconds() // 60,
            "zone": entry.customer_zone,
            "until": entry.offered_until,
        }
    )


@routes.route("/waiting-place/acceptance", methods=["POST"])
@endpoint(
    auth=Link("take a place that is kept for one"),
    takes=Taken,
    gives=Booked,
    status=201,
    errors=(*LINK_ERRORS, SlotTakenError, ConflictError, ReadOnlyError, InvalidInputError),
    ledger=(Action.APPOINTMENT_BOOKED,),
    summary="Take a kept place by link",
)
def accept_place(call: Call[Taken]) -> Booked:
    """It is a booking like any other, and ends the waiting. The second time answers 410."""
    from chalicelib.services.waiting.places import Yes  # noqa: PLC0415 (loaded with the first call that needs it)

    yes = Yes(answers=call.body.given(), address=call.body.address, phone=call.body.phone)
    return booked(wiring.services().places.accept(call.token, yes, network=call.ip))


@routes.route("/waiting-place/refusal", methods=["POST"])
@endpoint(
    auth=Link("decline a place that is kept for one"),
    errors=LINK_ERRORS,
    ledger=(Action.PLACE_DECLINED,),
    summary="Decline a kept place by link",
)
def decline_place(call: Call) -> None:
    """The next one on the list is asked; who declined waits on for another time."""
    wiring.services().places.decline(call.token, network=call.ip)


def _joining(tenant: str, body: Join) -> "Joining":
    from chalicelib.domain.waiting import Waiting  # noqa: PLC0415 (loaded with the first call that needs it)
    from chalicelib.services.customers.finding import Person  # noqa: PLC0415
    from chalicelib.services.waiting.listing import Joining  # noqa: PLC0415

    given = body.customer
    waiting = Waiting(
        first=body.first_day,
        last=body.last_day,
        zone=given.zone,
        expert=body.expert,
        weekdays=frozenset(body.weekdays),
        earliest=_minutes(body.earliest),
        latest=_minutes(body.latest),
    )
    person = Person(**given.model_dump(exclude={"zone"}))
    return Joining(tenant=tenant, service=body.service, waiting=waiting, person=person, sms_wanted=body.sms_wanted)


def _minutes(time: str) -> int:
    hours, _, minutes = time.partition(":")
    return 60 * int(hours) + int(minutes)


def _entry(held: "WaitingListEntry") -> Entry:
    shown, restricted = held.waiting, held.restricted_since is not None
    names = ("given_name", "family_name", "email", "phone")
    return Entry(
        customer=held.subject,
        expert=shown.expert,
        first_day=held.first_day,
        last_day=held.last_day,
        weekdays=sorted(shown.weekdays),
        earliest=shown.earliest,
        latest=shown.latest,
        zone=shown.zone,
        joined_at=held.joined_at,
        until=held.until,
        offered_until=held.offered_until,
        restricted=restricted,
        **{name: None if restricted else getattr(held, name) for name in names},
    )
