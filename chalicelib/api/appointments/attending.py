"""What staff do with one appointment: see, move, hand over, cancel, and note what became of it."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.appointments._agenda_views import AgendaEntry, entry_fields
from chalicelib.api.booking._answers import Answers, by_question
from chalicelib.api.http.answer import Versioned
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, Language, many, text
from chalicelib.api.http.people import EmailAddress, Line, Name, Phone, Zone
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    IdempotencyMismatchError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    RestrictedError,
    SlotTakenError,
    VersionMismatchError,
)
from chalicelib.domain.roles import ADMIN, EXPERT

if TYPE_CHECKING:
    from chalicelib.records.appointment import Appointment
    from chalicelib.services.attending.changing import Change
    from chalicelib.services.attending.held import Entered, Task

routes = Blueprint(__name__)

_STAFF = Staff(ADMIN, EXPERT)
_PATH = "/customers/{customer}/appointments/{appointment}"
_CHANGE_ERRORS = (NotFoundError, RestrictedError, ConflictError, VersionMismatchError)
_PLACE_ERRORS = (*_CHANGE_ERRORS, SlotTakenError, InvalidInputError)
Rooms = Annotated[list[Id], Field(max_length=20)]
Minutes = Annotated[int, Field(ge=1, le=1440)]


class PersonGiven(Body):
    """What is known of somebody who has no entry yet; without an address no mails are sent."""

    given_name: Name
    family_name: Name
    email: EmailAddress | None = None
    phone: Phone | None = None
    language: Language = "de"


class Enter(Body):
    """An appointment for a customer: by id, or by what is known of the person.

    Of each set of rooms and devices one that is free is taken, unless `resources` says which. With `anyway` it may lie
    outside of hours and rules, never over something else; admins go past caps, too. With `quiet` nobody is told.
    The answers to the service's questions are those that are known: none is required of staff.
    """

    customer: Id | None = None
    person: PersonGiven | None = None
    service: Id
    expert: Annotated[Id | None, Field(description="Whose turn it is, where none is named; experts: oneself.")] = None
    starts_at: Instant
    duration: Minutes | None = None
    resources: Rooms | None = None
    answers: Answers = Field(default_factory=list)
    zone: Zone = "Europe/Zurich"
    sms_wanted: bool = False
    address: Line | None = None
    note: Annotated[str | None, text(2000)] = None
    anyway: bool = False
    quiet: bool = False


class Rearrange(Body):
    """What is to be other than it is; what is not named stays. `anyway` and `quiet` as for a new one."""

    starts_at: Instant | None = None
    expert: Id | None = None
    duration: Minutes | None = None
    resources: Rooms | None = None
    anyway: bool = False
    quiet: bool = False


class HandOver(Body):
    """Which colleague takes it over; they have to work then, unless `anyway`, and to be free."""

    to: Id
    anyway: bool = False
    quiet: bool = False


class Cancel(Body):
    """Whether nobody is told."""

    quiet: bool = False


class NoteGiven(Body):
    """A note of the business for itself; sealed, and part of what the person may ask for. Empty: none."""

    text: Annotated[str, text(2000)]


class EnteredView(AgendaEntry):
    """The appointment as it stands now, and which rules it does not keep."""

    ignored: Annotated[list[Literal["duration", "hours", "absence", "grid", "notice", "horizon", "caps"]], many(7)]


class SeenView(AgendaEntry):
    """The appointment, and how many of its customer's appointments were missed."""

    no_shows: int


@routes.route("/appointments", methods=["POST"])
@endpoint(
    auth=_STAFF,
    takes=Enter,
    gives=EnteredView,
    status=201,
    idempotent=True,
    errors=(
        *(NotFoundError, NotAllowedError, RestrictedError, SlotTakenError, ConflictError, InvalidInputError),
        IdempotencyMismatchError,
    ),
    ledger=(Action.APPOINTMENT_BOOKED_BY_STAFF,),
    summary="Enter an appointment for a customer",
)
def enter(call: Call[Enter]) -> Versioned[EnteredView]:
    """Confirmed at once. Somebody whose address has an entry already is that customer.

    Answers are kept as those of customers are, each for as long as its question says; required ones may be left out.
    """
    from chalicelib.services.attending.entering import Wanted  # noqa: PLC0415 (loaded with the first call)
    from chalicelib.services.customers.finding import Person  # noqa: PLC0415
    from chalicelib.services.repeating import Repeatable  # noqa: PLC0415

    body, caller = call.body, call.session
    if (body.customer is None) == (body.person is None):
        raise InvalidInputError("Name a customer by id, or a person: one of both.", field="customer")
    person = Person(**body.person.model_dump()) if body.person else None
    if body.sms_wanted and person is not None and person.phone is None:
        raise InvalidInputError("Give a phone number, or do without text messages.", field="person.phone")
    same = body.model_dump(exclude={"person", "resources", "answers"})
    wanted = Wanted(**same, person=person, resources=_rooms(body.resources), answers=by_question(body.answers))
    scope = f"enter|{caller.tenant}|{caller.staff}"
    repeat = Repeatable.of(call.idempotency_key, scope=scope, content=body.model_dump_json())
    return _entered(wiring.services().attending_entering.enter(caller, wanted, network=call.ip, repeat=repeat))


@routes.route(_PATH, methods=["GET"])
@endpoint(
    auth=_STAFF,
    gives=SeenView,
    errors=(NotFoundError,),
    ledger=(Action.APPOINTMENT_READ,),
    summary="Read one appointment",
)
def see(call: Call, customer: str, appointment: str) -> Versioned[SeenView]:
    """With answers, note, and the number of no-shows; its ETag goes into If-Match."""
    seen = wiring.services().attending_notes.see(_task(call, customer, appointment))
    fields = entry_fields(seen.appointment, seen.state, seen.answers)
    return Versioned(SeenView.model_validate({**fields, "no_shows": seen.no_shows}), _version(seen.appointment))


@routes.route(f"{_PATH}/rescheduling", methods=["POST"])
@endpoint(
    auth=_STAFF,
    takes=Rearrange,
    gives=EnteredView,
    match=True,
    errors=_PLACE_ERRORS,
    ledger=(Action.APPOINTMENT_MOVED_BY_STAFF, Action.APPOINTMENT_HANDED_OVER),
    summary="Move an appointment",
)
def rearrange(call: Call[Rearrange], customer: str, appointment: str) -> Versioned[EnteredView]:
    """To another time, expert, room or length. Links and reminders of before end; new ones come with the message."""
    from chalicelib.services.attending.changing import Change  # noqa: PLC0415 (loaded with the first call)

    body = call.body
    change = Change(**body.model_dump(exclude={"resources"}), resources=_rooms(body.resources))
    return _changed(call, customer, appointment, change)


@routes.route(f"{_PATH}/hand-over", methods=["POST"])
@endpoint(
    auth=_STAFF,
    takes=HandOver,
    gives=EnteredView,
    match=True,
    errors=_PLACE_ERRORS,
    ledger=(Action.APPOINTMENT_HANDED_OVER,),
    summary="Hand an appointment over to a colleague",
)
def hand_over(call: Call[HandOver], customer: str, appointment: str) -> Versioned[EnteredView]:
    """At the same time; the customer is told who it is now."""
    from chalicelib.services.attending.changing import Change  # noqa: PLC0415 (loaded with the first call)

    body = call.body
    return _changed(call, customer, appointment, Change(expert=body.to, anyway=body.anyway, quiet=body.quiet))


@routes.route(f"{_PATH}/cancellation", methods=["POST"])
@endpoint(
    auth=_STAFF,
    takes=Cancel,
    gives=AgendaEntry,
    match=True,
    errors=_CHANGE_ERRORS,
    ledger=(Action.APPOINTMENT_CANCELLED_BY_STAFF,),
    summary="Cancel an appointment",
)
def cancel(call: Call[Cancel], customer: str, appointment: str) -> Versioned[AgendaEntry]:
    """Before it begins. Frees the time; what was paid goes back."""
    task = _task(call, customer, appointment)
    return _plain(wiring.services().attending_changes.cancel(task, quiet=call.body.quiet))


@routes.route(f"{_PATH}/no-show", methods=["PUT"])
@endpoint(
    auth=_STAFF,
    gives=AgendaEntry,
    match=True,
    errors=_CHANGE_ERRORS,
    ledger=(Action.NO_SHOW_NOTED,),
    summary="Note that nobody came",
)
def note_no_show(call: Call, customer: str, appointment: str) -> Versioned[AgendaEntry]:
    """Once it has begun; noted twice changes nothing more."""
    return _plain(wiring.services().attending_notes.no_show(_task(call, customer, appointment), came=False))


@routes.route(f"{_PATH}/no-show", methods=["DELETE"])
@endpoint(
    auth=_STAFF,
    gives=AgendaEntry,
    match=True,
    errors=_CHANGE_ERRORS,
    ledger=(Action.NO_SHOW_UNDONE,),
    summary="Take back that nobody came",
)
def undo_no_show(call: Call, customer: str, appointment: str) -> Versioned[AgendaEntry]:
    """They came after all."""
    return _plain(wiring.services().attending_notes.no_show(_task(call, customer, appointment), came=True))


@routes.route(f"{_PATH}/note", methods=["PUT"])
@endpoint(
    auth=_STAFF,
    takes=NoteGiven,
    gives=AgendaEntry,
    match=True,
    errors=_CHANGE_ERRORS,
    ledger=(Action.APPOINTMENT_NOTED,),
    summary="Write a note about an appointment",
)
def write_appointment_note(call: Call[NoteGiven], customer: str, appointment: str) -> Versioned[AgendaEntry]:
    """It takes the place of the one before."""
    task = _task(call, customer, appointment)
    return _plain(wiring.services().attending_notes.note(task, call.body.text.strip() or None))


def _rooms(given: list[str] | None) -> frozenset[str] | None:
    return None if given is None else frozenset(given)


def _task(call: Call[Any, None], customer: str, appointment: str) -> "Task":
    from chalicelib.services.attending.held import Task  # noqa: PLC0415 (loaded with the first call)

    return Task(caller=call.session, customer=customer, appointment=appointment, version=call.if_match, network=call.ip)


def _changed(call: Call[Any, None], customer: str, appointment: str, change: "Change") -> Versioned[EnteredView]:
    return _entered(wiring.services().attending_changes.move(_task(call, customer, appointment), change))


def _entered(entered: "Entered") -> Versioned[EnteredView]:
    held = entered.appointment
    fields = {**entry_fields(held, held.state, None), "ignored": [each.value for each in entered.ignored]}
    return Versioned(EnteredView.model_validate(fields), _version(held))


def _plain(held: "Appointment") -> Versioned[AgendaEntry]:
    return Versioned(AgendaEntry.model_validate(entry_fields(held, held.state, None)), _version(held))


def _version(held: "Appointment") -> int:
    return int(held.version or 0)
