"""Entries of customers that are one person, and entries that are two: found, merged, split, and undone for 30 days."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.customers._customer_views import (
    CustomerEntry,
    CustomerView,
    MergeView,
    SplitView,
    merge_view,
    split_view,
    view,
)
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.cursor import Cursor, cursor_of, place_of
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Query, View, many
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, IdempotencyMismatchError, InvalidInputError, NotFoundError
from chalicelib.domain.roles import ADMIN
from chalicelib.services.repeating import Repeatable

routes = Blueprint(__name__)

_BUCKET = r"#[0-9a-f]{2}"


class DuplicatesAsked(Query):
    """Where to go on."""

    cursor: Cursor | None = None


class PairView(View):
    """Two entries that may be of one person, and why. A person decides: families share names and numbers."""

    one: CustomerView
    other: CustomerView
    same_name: bool
    same_phone: bool


class PairList(View):
    """Some pairs; the same one may come twice. There may be none on a page, and others on the next."""

    pairs: Annotated[list[PairView], many(200)]
    cursor: Cursor | None


class MergeWanted(Body):
    """The entry that is to lead to this one."""

    other: Id


class SplitWanted(Body):
    """Which appointments are somebody else's, and who that is."""

    appointments: Annotated[list[Id], Field(min_length=1, max_length=50)]
    person: CustomerEntry


@routes.route("/customer-duplicates", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN),
    query=DuplicatesAsked,
    gives=PairList,
    errors=(InvalidInputError,),
    ledger=(Action.CUSTOMER_LISTED,),
    summary="Look for customers who were entered twice",
)
def duplicates(call: Call[None, DuplicatesAsked]) -> PairList:
    """Those with the same name, and those with the same number and a name in common."""
    after = place_of(call.query.cursor, _BUCKET).removeprefix("#")
    found, rest = wiring.services().doubling.pairs(call.session, after=after, network=call.ip)
    pairs = [
        PairView(one=view(each.one), other=view(each.other), same_name=each.same_name, same_phone=each.same_phone)
        for each in found
    ]
    return PairList(pairs=pairs, cursor=cursor_of(f"#{rest}" if rest else ""))


@routes.route("/customers/{customer}/merges", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN),
    takes=MergeWanted,
    gives=MergeView,
    status=201,
    idempotent=True,
    errors=(ConflictError, IdempotencyMismatchError, InvalidInputError, NotFoundError),
    ledger=(Action.CUSTOMER_MERGED,),
    summary="Merge another entry into a customer's",
)
def merge_customers(call: Call[MergeWanted], customer: str) -> MergeView:
    """Both addresses lead to this entry from now on; the history shows what lies under both."""
    scope = f"{call.session.tenant}/customers/{customer}/merges"
    repeat = Repeatable.of(call.idempotency_key, scope=scope, content=call.body.other)
    made = wiring.services().merging.merge(call.session, customer, call.body.other, network=call.ip, repeat=repeat)
    return merge_view(made)


@routes.route("/customers/{customer}/merges/{merge}", methods=["DELETE"])
@endpoint(
    auth=Staff(ADMIN),
    errors=(ConflictError, NotFoundError),
    ledger=(Action.CUSTOMER_UNMERGED,),
    summary="Undo a merge",
)
def undo_merge(call: Call, customer: str, merge: str) -> None:
    """Within 30 days. What was booked since stays with the entry that remained."""
    wiring.services().merging.undo(call.session, customer, merge, network=call.ip)


@routes.route("/customers/{customer}/splits", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN),
    takes=SplitWanted,
    gives=SplitView,
    status=201,
    idempotent=True,
    errors=(ConflictError, IdempotencyMismatchError, InvalidInputError, NotFoundError),
    ledger=(Action.CUSTOMER_SPLIT, Action.APPOINTMENT_REASSIGNED),
    summary="Give appointments of a customer to a new one",
)
def split_customer(call: Call[SplitWanted], customer: str) -> SplitView:
    """Their old links end; new ones are mailed to the person's address, or to that of the appointment without one."""
    from chalicelib.services.customers.splitting import Parting  # noqa: PLC0415 (loaded when it is needed)

    scope, body = f"{call.session.tenant}/customers/{customer}/splits", call.body
    repeat = Repeatable.of(call.idempotency_key, scope=scope, content=body.model_dump_json())
    parting = Parting(appointments=body.appointments, person=body.person.person())
    made = wiring.services().splitting.split(call.session, customer, parting, network=call.ip, repeat=repeat)
    return split_view(made)


@routes.route("/customers/{customer}/splits/{split}", methods=["DELETE"])
@endpoint(
    auth=Staff(ADMIN),
    errors=(ConflictError, NotFoundError),
    ledger=(Action.CUSTOMER_UNSPLIT, Action.APPOINTMENT_REASSIGNED),
    summary="Undo a split",
)
def undo_split(call: Call, customer: str, split: str) -> None:
    """Within 30 days, as long as the new entry holds nothing else. It ends."""
    wiring.services().splitting.undo(call.session, customer, split, network=call.ip)
