"""For the operator: where each promise stands, and what the last audit saw."""

from typing import TYPE_CHECKING, Literal

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.http.auth import Operator
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Instant, View
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action

if TYPE_CHECKING:
    from chalicelib.services.auditing.trusting import Stands

routes = Blueprint(__name__)


class EvidenceView(View):
    """One check of the audit. What is wrong is told in names of resources, kinds and fields, never in values."""

    check: str
    looks_at: str
    outcome: Literal["fine", "wrong", "could-not-look", "not-made"]
    wrong: list[str]
    counts: dict[str, int]


class AuditedPromiseView(View):
    """One promise with everything that its standing rests on."""

    id: str
    area: str
    en: str
    de: str
    checked_at_release: bool
    status: Literal["kept", "checked-at-release", "broken", "open"]
    audited_at: Instant | None
    checks: list[EvidenceView]


class PromisesView(View):
    """All promises, and when the installation was last audited."""

    audited_at: Instant | None
    promises: list[AuditedPromiseView]


@routes.route("/operator/promises", methods=["GET"])
@endpoint(
    auth=Operator(),
    gives=PromisesView,
    ledger=(Action.OPERATOR_CALLED,),
    summary="See where each promise stands, and why",
)
def promises(call: Call) -> PromisesView:
    """Every check of the nightly audit that bears on a promise, and what came of it."""
    shown = wiring.services().trusting.show()
    return PromisesView(audited_at=shown.audited_at, promises=[_shown(one) for one in shown.promises])


def _shown(stands: "Stands") -> AuditedPromiseView:
    promise = stands.promise
    checks = [
        EvidenceView(
            check=one.name,
            looks_at=one.looks_at,
            outcome=one.outcome.value if one.outcome else "not-made",
            wrong=list(one.wrong),
            counts=dict(one.counts),
        )
        for one in stands.evidence
    ]
    return AuditedPromiseView(
        id=promise.id,
        area=promise.area,
        en=promise.en,
        de=promise.de,
        checked_at_release=promise.checked,
        status=stands.standing.value,
        audited_at=stands.audited_at,
        checks=checks,
    )
