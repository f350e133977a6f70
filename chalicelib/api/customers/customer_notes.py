"""Notes about customers, which they are told of when they ask what is stored about them."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.customers._customer_views import PLACE, NoteView, note_view
from chalicelib.api.http.answer import Versioned
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.cursor import Cursor, PageAsked, cursor_of, place_of
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, View, many, text, whole
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    IdempotencyMismatchError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    VersionMismatchError,
)
from chalicelib.domain.roles import ADMIN, EXPERT
from chalicelib.services.repeating import Repeatable

routes = Blueprint(__name__)


class CustomerNoteGiven(Body):
    """What is noted. It is sealed, and part of the answer to whoever asks what is stored about them."""

    text: Annotated[str, text(2000), Field(min_length=1)]


class NoteList(View):
    """Some notes about a customer, and where the rest begins."""

    notes: Annotated[list[NoteView], many(25)]
    cursor: Cursor | None


@routes.route("/customers/{customer}/notes", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    query=PageAsked,
    gives=NoteList,
    errors=(InvalidInputError, NotFoundError),
    ledger=(Action.CUSTOMER_READ,),
    summary="List the notes about a customer",
)
def list_notes(call: Call[None, PageAsked], customer: str) -> NoteList:
    """The one written last first, whichever of their entries it lies under."""
    after = place_of(call.query.cursor, PLACE)
    found, rest = wiring.services().history.notes(call.session, customer, after=after, network=call.ip)
    return NoteList(notes=[note_view(each) for each in found], cursor=cursor_of(rest))


@routes.route("/customers/{customer}/notes", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    takes=CustomerNoteGiven,
    gives=NoteView,
    status=201,
    idempotent=True,
    errors=(ConflictError, IdempotencyMismatchError, InvalidInputError, NotFoundError),
    ledger=(Action.CUSTOMER_NOTED,),
    summary="Note something about a customer",
)
def write_note(call: Call[CustomerNoteGiven], customer: str) -> Versioned[NoteView]:
    """By whoever may see the customer. About one customer there can be 200."""
    scope = f"{call.session.tenant}/customers/{customer}/notes"
    repeat = Repeatable.of(call.idempotency_key, scope=scope, content=call.body.text)
    made = wiring.services().noting.write(call.session, customer, call.body.text, network=call.ip, repeat=repeat)
    return Versioned(note_view(made), int(made.version or 1))


@routes.route("/customers/{customer}/notes/{note}", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    takes=whole(CustomerNoteGiven, NoteView),
    gives=NoteView,
    match=True,
    errors=(InvalidInputError, NotAllowedError, NotFoundError, VersionMismatchError),
    ledger=(Action.NOTE_CHANGED,),
    summary="Change a note",
)
def change_note(call: Call[CustomerNoteGiven], customer: str, note: str) -> Versioned[NoteView]:
    """By its author or an admin."""
    held = wiring.services().noting.change(
        call.session, customer, note, call.body.text, version=call.if_match, network=call.ip
    )
    return Versioned(note_view(held), int(held.version or 1))


@routes.route("/customers/{customer}/notes/{note}", methods=["DELETE"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    errors=(NotAllowedError, NotFoundError),
    ledger=(Action.NOTE_DELETED,),
    summary="Delete a note",
)
def delete_note(call: Call, customer: str, note: str) -> None:
    """By its author or an admin."""
    wiring.services().noting.delete(call.session, customer, note, network=call.ip)
