"""Proposals: staff propose several times to a customer, who chooses one by link."""

from typing import TYPE_CHECKING, Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field, model_validator

from chalicelib import wiring
from chalicelib.api.booking._appointment_views import Booked, booked
from chalicelib.api.booking._offered import OfferView, Taken, offer_fields
from chalicelib.api.http.auth import Link, Staff
from chalicelib.api.http.by_link import LINK_ERRORS, OWN
from chalicelib.api.http.cursor import Cursor, PageAsked, cursor_of, place_of
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, Language, View, many, refused, text
from chalicelib.api.http.people import EmailAddress, Name, Phone, Zone
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    IdempotencyMismatchError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    RestrictedError,
    SlotTakenError,
)
from chalicelib.domain.roles import ADMIN, EXPERT

if TYPE_CHECKING:
    from chalicelib.records.proposal import Proposal
    from chalicelib.services.booking.proposing import Idea
    from chalicelib.services.sign_in.sessions import StaffSession

routes = Blueprint(__name__)

_LONGEST_HOURS = 30 * 24


class NewCustomer(Body):
    """Somebody who need not be a customer yet."""

    given_name: Name
    family_name: Name
    email: EmailAddress
    phone: Phone | None = None
    language: Language = "de"


class Propose(Body):
    """Times of a service, for the customer with this id or for this person; kept for so many hours.

    The message stands on the page behind the link and in no mail. No expert: whoever proposes.
    """

    service: Id
    expert: Id | None = None
    starts: Annotated[list[Instant], Field(min_length=2, max_length=10)]
    duration: Annotated[int, Field(ge=1, le=1440)] | None = None
    customer: Id | None = None
    person: NewCustomer | None = None
    message: Annotated[str, text(2000)] | None = None
    hours: Annotated[int, Field(ge=1, le=_LONGEST_HOURS)] = 48

    @model_validator(mode="after")
    def _one_of_both(self) -> "Propose":
        if (self.customer is None) is (self.person is None):
            raise refused("names nobody, or two people", "Send either customer or person.")
        return self


class ProposalView(View):
    """A proposal as staff see it."""

    id: Id
    customer: Id
    service: Id
    expert: Id
    state: Literal["open", "chosen", "withdrawn", "lapsed"]
    starts: list[Instant]
    duration: int
    made_at: Instant
    made_by: Id
    until: Instant
    chosen: Instant | None
    appointment: Id | None
    message: str | None


class Proposals(View):
    """Some proposals of an expert, the newest first, and where the rest begins."""

    proposals: Annotated[list[ProposalView], many(50)]
    cursor: Cursor | None


class Asked(PageAsked):
    """Whose proposals; one's own, unless said otherwise. And where to go on."""

    expert: Id | None = None


class Proposed(OfferView):
    """A proposal as its customer sees it: the times that still lie ahead."""

    starts: Annotated[list[Instant], many(10)]
    message: str | None


class Choose(Taken):
    """The time that is chosen, and the zone in which it is to be told from now on."""

    starts_at: Instant
    zone: Zone | None = None


@routes.route("/proposals", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    takes=Propose,
    gives=ProposalView,
    status=201,
    idempotent=True,
    errors=(
        *(NotFoundError, NotAllowedError, SlotTakenError, RestrictedError, InvalidInputError),
        IdempotencyMismatchError,
    ),
    ledger=(Action.PROPOSAL_MADE,),
    summary="Propose times to a customer",
)
def propose(call: Call[Propose]) -> ProposalView:
    """All times are kept until one is chosen or the proposal is over. They may lie outside the grid and the notice."""
    from chalicelib.services.repeating import Repeatable  # noqa: PLC0415 (loaded with the first call that needs it)

    scope, content = f"propose|{call.session.tenant}|{call.session.staff}", call.body.model_dump_json()
    repeat = Repeatable.of(call.idempotency_key, scope=scope, content=content)
    idea = _idea(call.session, call.body)
    return _proposal(wiring.services().proposing.propose(call.session, idea, network=call.ip, repeat=repeat))


@routes.route("/proposals", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    query=Asked,
    gives=Proposals,
    errors=(InvalidInputError, NotAllowedError),
    ledger=(Action.PROPOSALS_READ,),
    summary="List an expert's proposals",
)
def proposals(call: Call[None, Asked]) -> Proposals:
    """Experts see their own, admins everybody's. A page may hold less, and others follow."""
    expert, before = call.query.expert or call.session.staff, place_of(call.query.cursor, r"[0-9]{12}#[0-9a-f]{32}")
    found, rest = wiring.services().proposing.of_expert(call.session, expert, before=before, network=call.ip)
    return Proposals(proposals=[_proposal(each) for each in found], cursor=cursor_of(rest))


@routes.route("/customers/{customer}/proposals/{proposal}", methods=["DELETE"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    errors=(NotFoundError, NotAllowedError, ConflictError, RestrictedError),
    ledger=(Action.PROPOSAL_WITHDRAWN,),
    summary="Withdraw a proposal",
)
def withdraw_proposal(call: Call, customer: str, proposal: str) -> None:
    """Its times are free again. 409 when the customer has chosen, or it is over."""
    wiring.services().proposing.withdraw(call.session, customer, proposal, network=call.ip)


@routes.route("/proposal", methods=["GET"])
@endpoint(
    auth=Link("see proposed times"), gives=Proposed, errors=LINK_ERRORS, ledger=OWN, summary="See a proposal by link"
)
def proposal(call: Call) -> Proposed:
    """410 when one was chosen, it was withdrawn, or the time to choose is over."""
    shown = wiring.services().proposed.show(call.token, network=call.ip)
    held = shown.proposal
    return Proposed.model_validate(
        {
            **offer_fields(shown.tenant, shown.service, held.expert, shown.expert),
            "duration": held.duration,
            "zone": held.zone,
            "until": held.until,
            "starts": shown.starts,
            "message": held.note,
        }
    )


@routes.route("/proposal/choice", methods=["POST"])
@endpoint(
    auth=Link("choose a proposed time"),
    takes=Choose,
    gives=Booked,
    status=201,
    errors=(*LINK_ERRORS, SlotTakenError, ConflictError, ReadOnlyError, InvalidInputError),
    ledger=(Action.APPOINTMENT_BOOKED, Action.PROPOSAL_CHOSEN),
    summary="Choose a proposed time by link",
)
def choose(call: Call[Choose]) -> Booked:
    """Books it, and frees the other times. The second time answers 410.

    It is pending while experts other than the one in whose name it was proposed have to confirm it, too.
    """
    from chalicelib.services.booking.proposed import Choice  # noqa: PLC0415 (loaded with the first call that needs it)

    body = call.body
    choice = Choice(
        starts_at=body.starts_at, zone=body.zone, phone=body.phone, address=body.address, answers=body.given()
    )
    return booked(wiring.services().proposed.choose(call.token, choice, network=call.ip))


def _idea(caller: "StaffSession", body: Propose) -> "Idea":
    from chalicelib.services.booking.proposing import Idea  # noqa: PLC0415
    from chalicelib.services.customers.finding import Person  # noqa: PLC0415 (loaded with the first call that needs it)

    return Idea(
        service=body.service,
        expert=body.expert or caller.staff,
        starts=body.starts,
        duration=body.duration,
        hours=body.hours,
        customer=body.customer,
        person=Person(**body.person.model_dump()) if body.person else None,
        note=body.message,
    )


def _proposal(held: "Proposal") -> ProposalView:
    restricted = held.restricted_since is not None
    return ProposalView.model_validate(
        {
            "id": held.id,
            "customer": held.subject,
            "service": held.service,
            "expert": held.expert,
            "state": held.state.value,
            "starts": held.times,
            "duration": held.duration,
            "made_at": held.made_at,
            "made_by": held.made_by,
            "until": held.until,
            "chosen": held.chosen,
            "appointment": held.appointment,
            "message": None if restricted else held.note,
        }
    )
