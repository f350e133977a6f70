"""Why a time is, or is not, offered."""

from typing import Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Id, Instant, Query, View
from chalicelib.api.http.request import Call
from chalicelib.domain import scopes
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.roles import ADMIN, EXPERT

routes = Blueprint(__name__)


class TimeAsked(Query):
    """Which time with which expert, for which duration; without one the usual."""

    expert: Id
    starts_at: Instant
    duration: Annotated[int | None, Field(ge=1, le=1440)] = None


class VerdictView(View):
    """One rule: whether it holds (null: can't be told), for which expert or room, and what stands in the way.

    `detail` says with ids, instants and words what the rule went by: `id` of an appointment or reservation with
    `from`, `until` and, if it ends by itself, `lapses_at`; `link` of a calendar; `date`, `zone` and `why` of the hours,
    with `holiday` and `region`; `each` of the cap.
    """

    rule: Literal[
        "business-open",
        "service-offered",
        "duration",
        "working-hours",
        "grid",
        "notice",
        "horizon",
        "closure",
        "absence",
        "free",
        "linked-calendars",
        "room",
        "cap",
    ]
    holds: bool | None
    who: str
    detail: dict[str, str]


class ExplanationView(View):
    """All rules; the time is offered if all hold."""

    offered: bool
    verdicts: list[VerdictView]


@routes.route("/services/{service}/explanation", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, key=scopes.AVAILABILITY_READ),
    query=TimeAsked,
    gives=ExplanationView,
    errors=(InvalidInputError,),
    ledger=(Action.AVAILABILITY_EXPLAINED,),
    summary="See why a time is, or is not, offered",
)
def explanation(call: Call[None, TimeAsked], service: str) -> ExplanationView:
    """Each rule by itself, as slots and booking go by it."""
    asked = call.query
    found = wiring.services().explaining.explain(
        call.session, service, asked.expert, asked.starts_at, duration=asked.duration, network=call.ip
    )
    verdicts = [
        VerdictView(rule=each.rule.value, holds=each.holds, who=each.who, detail=dict(each.detail))
        for each in found.verdicts
    ]
    return ExplanationView(offered=found.offered, verdicts=verdicts)
