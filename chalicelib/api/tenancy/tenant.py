"""One's own business: how it is reached, where its contract stands, and everything of it to take along."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.answer import Versioned
from chalicelib.api.http.auth import Operator, Staff
from chalicelib.api.http.cursor import Cursor, cursor_of, place_of
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, Language, Query, View, many, whole
from chalicelib.api.http.people import EmailAddress, Phone, PostalAddress
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, InvalidInputError, NotFoundError, VersionMismatchError
from chalicelib.domain.roles import ADMIN

if TYPE_CHECKING:
    from chalicelib.services.tenancy.exporting import Exported
    from chalicelib.services.tenancy.tenancies import Business

routes = Blueprint(__name__)

_SHOWN = (
    *("company", "street", "postal_code", "city", "country", "contact_mail", "contact_phone", "language", "zone"),
    *("registered_at", "trial_ends_at", "plan", "cancelled_at", "closes_at"),
)


class Card(PostalAddress):
    """How the business is reached. Messages to customers name it."""

    contact_mail: EmailAddress
    contact_phone: Phone
    language: Language


class PlanChosen(Body):
    """The plan to go over to."""

    plan: Literal["standard"]


class Extension(Body):
    """How much longer it can be tried."""

    days: Annotated[int, Field(ge=1, le=30)]


class TenantView(View):
    """A business, and where its contract stands.

    While it is read only, everything can be read and exported, and nothing changed; at `closes_at` everything ends.
    """

    id: Id
    company: str
    street: str
    postal_code: str
    city: str
    country: str
    contact_mail: str
    contact_phone: str
    language: str
    zone: str
    registered_at: Instant
    standing: Literal["trial", "on-plan", "read-only"]
    trial_ends_at: Instant | None
    plan: str | None
    cancelled_at: Instant | None
    closes_at: Instant | None
    may: list[Literal["use", "export", "choose-plan", "cancel", "resume"]]


class TrialView(View):
    """Until when it can be tried."""

    tenant: Id
    trial_ends_at: Instant


class PageAsked(Query):
    """Where the page begins: as it was answered with the one before."""

    cursor: Cursor | None = None


class ExportedFileView(View):
    """A file of a record: the photo of a member of staff."""

    name: str
    content_type: str
    content: Annotated[str, Field(description="The whole file, in base64.", examples=["/9j/4AAQSkZJRg=="])]


class ExportedView(View):
    """One record as its kind declares it, with its files; `person` is whom it is about, if it is about somebody.

    What may not be used has neither fields nor files: `left_out` says why.
    """

    kind: str
    id: str
    person: Id | None
    fields: Annotated[dict[str, Any], Field(examples=[{"language": "de"}])]
    files: Annotated[list[ExportedFileView], many(1)]
    left_out: Literal["restricted", "blocked", "unreadable"] | None


class ExportView(View):
    """Some of the records, and where the rest begins."""

    records: Annotated[list[ExportedView], many(200)]
    cursor: Cursor | None


@routes.route("/tenant", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN),
    gives=TenantView,
    errors=(NotFoundError,),
    ledger=(Action.TENANT_READ,),
    summary="See one's own business",
)
def see_tenant(call: Call) -> Versioned:
    """How it is reached, where its contract stands, and what can be done."""
    return _view(wiring.services().tenancies.show(call.session, network=call.ip))


@routes.route("/tenant", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN),
    takes=whole(Card, TenantView),
    gives=TenantView,
    match=True,
    errors=(NotFoundError, VersionMismatchError),
    ledger=(Action.TENANT_CHANGED,),
    summary="Change how the business is reached",
)
def change_tenant(call: Call[Card]) -> Versioned:
    """Messages that go out from now on name it so."""
    from chalicelib.services.tenancy.tenancies import Card as Reached  # noqa: PLC0415 (loaded with the first call)

    card = Reached(**call.body.model_dump())
    changed = wiring.services().tenancies.change(call.session, card, version=call.if_match, network=call.ip)
    return _view(changed)


@routes.route("/tenant/plan", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, when_read_only=True),
    takes=PlanChosen,
    gives=TenantView,
    errors=(ConflictError, NotFoundError),
    ledger=(Action.PLAN_CHOSEN,),
    summary="Choose a plan",
)
def choose_plan(call: Call[PlanChosen]) -> Versioned:
    """At any time until everything ends; everything goes on where it stopped."""
    return _view(wiring.services().tenancies.choose(call.session, call.body.plan, network=call.ip))


@routes.route("/tenant/cancellation", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, when_read_only=True),
    gives=TenantView,
    errors=(ConflictError, NotFoundError),
    ledger=(Action.TENANT_CANCELLED,),
    summary="Cancel the contract",
)
def cancel_tenant(call: Call) -> Versioned:
    """Read only at once; thirty days later everything ends. All admins are told."""
    return _view(wiring.services().tenancies.cancel(call.session, network=call.ip))


@routes.route("/tenant/cancellation", methods=["DELETE"])
@endpoint(
    auth=Staff(ADMIN, when_read_only=True),
    gives=TenantView,
    errors=(ConflictError, NotFoundError),
    ledger=(Action.TENANT_RESUMED,),
    summary="Take the cancellation of the contract back",
)
def resume_tenant(call: Call) -> Versioned:
    """Until everything ends. A trial that is over stays over: choose a plan."""
    return _view(wiring.services().tenancies.resume(call.session, network=call.ip))


@routes.route("/tenant/export", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN),
    query=PageAsked,
    gives=ExportView,
    errors=(InvalidInputError,),
    ledger=(Action.TENANT_EXPORTED,),
    summary="Export everything of one's own business",
)
def export_tenant(call: Call[None, PageAsked]) -> ExportView:
    """Record by record, page by page; a page may be short or empty although there are more. Every page is noted.

    Photos of staff stand in their records, in base64. A page ends before its JSON exceeds 3 MB.
    """
    from chalicelib.services.tenancy.exporting import PLACE  # noqa: PLC0415 (loaded with the first call)

    place = place_of(call.query.cursor, PLACE)
    found, rest = wiring.services().exporting.page(call.session, place, network=call.ip)
    return ExportView(records=[_exported(each) for each in found], cursor=cursor_of(rest))


@routes.route("/operator/tenants/{tenant}/trial", methods=["POST"])
@endpoint(
    auth=Operator(),
    takes=Extension,
    gives=TrialView,
    errors=(ConflictError, NotFoundError),
    ledger=(Action.OPERATOR_CALLED, Action.TRIAL_EXTENDED),
    summary="Give a business more time to try",
)
def extend_trial(call: Call[Extension], tenant: str) -> TrialView:
    """From the end of its trial, or from now if that is over. The business finds it in its own ledger."""
    ends = wiring.services().tenancies.extend(call.session, tenant, call.body.days, network=call.ip)
    return TrialView(tenant=tenant, trial_ends_at=ends)


def _exported(each: "Exported") -> ExportedView:
    return ExportedView(**{**vars(each), "files": [ExportedFileView(**vars(file)) for file in each.files]})


def _view(seen: "Business") -> Versioned:
    tenant = seen.tenant
    plain = {name: getattr(tenant, name) for name in _SHOWN}
    shown = TenantView(id=tenant.tenant, standing=seen.standing.value, may=list(seen.may), **plain)
    return Versioned(shown, int(tenant.version or 1))
