"""What admins do about a customer's privacy: restrict use, hold back deletion, and see everything on a legal ground."""

from typing import Annotated, Any, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, Query, View, many, text
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.errors import IdempotencyMismatchError, InvalidInputError
from chalicelib.domain.roles import ADMIN
from chalicelib.domain.states import HoldGround, Release, RestrictionGround
from chalicelib.services.repeating import Repeatable

routes = Blueprint(__name__)


class RestrictionAsked(Body):
    """What the person had it restricted for: the points (a) to (d) of Art. 18(1) GDPR."""

    ground: Literal["accuracy-contested", "unlawful", "needed-for-claim", "objection-pending"]


class RestrictionView(View):
    """Since when the data is stored and not used."""

    restricted_since: Instant


class HoldWanted(Body):
    """Why, and until when at the latest."""

    ground: Literal["legal-claim", "legal-duty", "authority-order"]
    reason: Annotated[str, text(2000), Field(min_length=1, description="Sealed with the person's key.")]
    ends_at: Instant


class HoldView(View):
    """One hold. It ends at `ends_at`, or has ended at `released_at`."""

    id: Id
    ground: Literal["legal-claim", "legal-duty", "authority-order"]
    reason: str | None
    placed_by: Id
    placed_at: Instant
    ends_at: Instant
    released_at: Instant | None
    released_by: Id | None


class HoldList(View):
    """All holds on a customer, the oldest first; several may overlap."""

    holds: Annotated[list[HoldView], many(50)]


class LiftAsked(Query):
    """Why it is lifted before its end."""

    because: Literal["settled", "mistaken", "not-needed"]


class LegalViewAsked(Body):
    """The ground on which blocked and restricted data may be seen; it is noted in the ledger."""

    ground: Literal["legal-duty", "legal-claim", "subject-request"]


class HeldFieldView(View):
    """One field; without a value where the key that it was sealed with is destroyed."""

    name: str
    form: Literal["sealed", "pseudonym", "plain"]
    value: Any
    readable: bool


class RecordView(View):
    """One record, with what it is for and what stands in the way of its use."""

    kind: str
    id: str
    purposes: list[str]
    basis: str
    source: str
    recipients: list[str]
    standing: Literal["live", "restricted", "blocked"]
    kept_until: Instant | None
    held_until: Instant | None
    blocked_since: Instant | None
    restricted_since: Instant | None
    fields: list[HeldFieldView]


class LegalView(View):
    """Everything held about a customer that the ground reaches."""

    records: Annotated[list[RecordView], many(100_000)]


@routes.route("/customers/{customer}/restriction", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN),
    takes=RestrictionAsked,
    gives=RestrictionView,
    ledger=(Action.RESTRICTED,),
    summary="Restrict the use of a customer's data",
)
def restrict(call: Call[RestrictionAsked], customer: str) -> RestrictionView:
    """From now on it is stored and not used: no message, no booking, nobody sees it; the person's own links work."""
    ground = RestrictionGround(call.body.ground)
    since = wiring.services().restricting.restrict(call.session, customer, ground, network=call.ip)
    return RestrictionView(restricted_since=since)


@routes.route("/customers/{customer}/restriction", methods=["DELETE"])
@endpoint(auth=Staff(ADMIN), ledger=(Action.RESTRICTION_LIFTED,), summary="Lift a restriction")
def lift_restriction(call: Call, customer: str) -> None:
    """The person is to be told before (Art. 18(3) GDPR)."""
    wiring.services().restricting.lift(call.session, customer, network=call.ip)


@routes.route("/customers/{customer}/holds", methods=["GET"])
@endpoint(auth=Staff(ADMIN), gives=HoldList, ledger=(Action.HOLDS_READ,), summary="List the legal holds on a customer")
def list_holds(call: Call, customer: str) -> HoldList:
    """Every look is noted in the ledger."""
    return _holds(wiring.services().holding.holds(call.session, customer, network=call.ip))


@routes.route("/customers/{customer}/holds", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN),
    takes=HoldWanted,
    gives=HoldList,
    status=201,
    idempotent=True,
    errors=(IdempotencyMismatchError, InvalidInputError),
    ledger=(Action.HOLD_PLACED,),
    summary="Place a legal hold on a customer",
)
def place_hold(call: Call[HoldWanted], customer: str) -> HoldList:
    """Nothing of the person is deleted while it runs; what is past its period is blocked until it ends."""
    from chalicelib.services.rights.holding import Wanted  # noqa: PLC0415 (few requests are about holds)

    body = call.body
    scope = f"hold|{call.session.tenant}|{customer}"
    repeat = Repeatable.of(call.idempotency_key, scope=scope, content=body.model_dump_json())
    wanted = Wanted(ground=HoldGround(body.ground), reason=body.reason, ends_at=body.ends_at)
    return _holds(wiring.services().holding.place(call.session, customer, wanted, network=call.ip, repeat=repeat))


@routes.route("/customers/{customer}/holds/{hold}", methods=["DELETE"])
@endpoint(auth=Staff(ADMIN), query=LiftAsked, gives=HoldList, ledger=(Action.HOLD_LIFTED,), summary="Lift a legal hold")
def lift_hold(call: Call[None, LiftAsked], customer: str, hold: str) -> HoldList:
    """What only this hold kept is due at once."""
    because = Release(call.query.because)
    return _holds(wiring.services().holding.lift(call.session, customer, hold, because, network=call.ip))


@routes.route("/customers/{customer}/legal-view", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN),
    takes=LegalViewAsked,
    gives=LegalView,
    ledger=(Action.PERSON_VIEWED,),
    summary="See everything held about a customer",
)
def legal_view(call: Call[LegalViewAsked], customer: str) -> LegalView:
    """What is blocked or restricted, too; noted in the ledger before anything is shown."""
    asked = Asked(ground=Ground(call.body.ground), actor=call.session.staff, network=call.ip)
    held = wiring.services().viewing.of_customer(call.session.tenant, customer, asked)
    return LegalView(records=[_record(each) for each in held])


def _holds(held: Any) -> HoldList:
    views = [HoldView.model_validate({**vars(each), "ground": each.ground.value}) for each in held]
    return HoldList(holds=views)


def _record(held: Any) -> RecordView:
    fields = [HeldFieldView.model_validate({**vars(each), "form": each.form.value}) for each in held.fields]
    listed = {"purposes": list(held.purposes), "recipients": list(held.recipients)}
    return RecordView.model_validate({**vars(held), **listed, "standing": held.standing.value, "fields": fields})
