"""The deletion of members of staff."""

from typing import Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, View
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, InvalidInputError, NotHandedOverError

routes = Blueprint(__name__)


class LeavingHandOver(Body):
    """Who takes over the appointments ahead."""

    hand_over_to: Id


class DeleteStaff(Body):
    """What becomes of the appointments ahead."""

    future_appointments: Annotated[
        LeavingHandOver | Literal["cancel"],
        Field(description="Customers are told of it, either way.", examples=["cancel"]),
    ]


class DeletedView(View):
    """How many records of which kind are gone; `kept` are those that a customer's restriction or a hold protects."""

    deleted: Annotated[dict[str, int], Field(examples=[{"APPOINTMENT": 12, "STAFF": 1}])]


@routes.route("/staff/{staff}/deletion", methods=["POST"])
@endpoint(
    auth=Staff(when_read_only=True),
    takes=DeleteStaff,
    gives=DeletedView,
    errors=(ConflictError, InvalidInputError, NotHandedOverError),
    ledger=(
        Action.STAFF_DELETED,
        Action.APPOINTMENT_HANDED_OVER,
        Action.APPOINTMENT_CANCELLED_BY_STAFF,
        Action.PROPOSAL_WITHDRAWN,
        Action.STAFF_ERASED,
    ),
    summary="Delete a member of staff",
)
def delete_staff(call: Call[DeleteStaff], staff: str) -> DeletedView:
    """Irrevocable. By admins, or by oneself; not the last admin, who cancels the tenancy instead.

    Nothing is done if an appointment can't be handed over: the problem lists these. Times that they proposed are free,
    and those customers are told. A call that broke off is repeated.
    """
    choice = call.body.future_appointments
    deleted = wiring.services().deleting_staff.delete(
        call.session,
        staff,
        hand_over_to=choice.hand_over_to if isinstance(choice, LeavingHandOver) else None,
        network=call.ip,
    )
    return DeletedView(deleted=dict(deleted))
