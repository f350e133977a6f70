"""Appointments as staff see them: lists of a day, a week, a month, and files of them."""

import io
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.appointments._agenda_views import AgendaAsked, AgendaView, ExportAsked, RangeOfList, entry
from chalicelib.api.http.answer import Text
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.cursor import cursor_of, place_of
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.gateway import XLSX
from chalicelib.api.http.request import Call
from chalicelib.domain import scopes
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, NotAllowedError, TooLargeError
from chalicelib.domain.ranges import Range, day_range, month_range, week_range
from chalicelib.domain.roles import ADMIN, EXPERT
from chalicelib.messages.agenda_words import agenda_words

if TYPE_CHECKING:
    from chalicelib.services.attending.agenda import Wanted
    from chalicelib.services.attending.extracting import Line
    from chalicelib.services.sign_in.sessions import StaffSession

routes = Blueprint(__name__)

_PLACE = r"[0-9]{12}#[0-9a-f]{32}"
_PERIODS: Mapping[str, Callable[[Any, str], Range]] = {"day": day_range, "week": week_range, "month": month_range}


@routes.route("/appointments", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, key=scopes.APPOINTMENTS_READ),
    query=AgendaAsked,
    gives=AgendaView,
    errors=(InvalidInputError, NotAllowedError),
    ledger=(Action.APPOINTMENTS_READ,),
    summary="List appointments of a day, a week, a month or a range",
)
def agenda(call: Call[None, AgendaAsked]) -> AgendaView:
    """Of one expert, or for admins of all at once. At most 62 days; every look is noted in the ledger."""
    asked, after = call.query, place_of(call.query.cursor, _PLACE)
    looking = wiring.services().agenda
    page = looking.page(call.session, _wanted(call.session, asked), after=after, network=call.ip)
    answers = looking.answers(page) if asked.answers else {}
    shown = [entry(each, answers.get(each.appointment.id)) for each in page.entries]
    return AgendaView(appointments=shown, cursor=cursor_of(page.rest))


@routes.route("/appointments/export", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    query=ExportAsked,
    produces=("text/csv", "text/calendar", XLSX),
    errors=(InvalidInputError, NotAllowedError, TooLargeError),
    ledger=(Action.APPOINTMENTS_EXPORTED,),
    summary="Export appointments as CSV, calendar or workbook",
)
def export(call: Call[None, ExportAsked]) -> Text:
    """At most 366 days, 10,000 appointments and 3 MB. Noted in the ledger, and told to everybody who is in it."""
    from chalicelib.api.appointments import _agenda_files as files  # noqa: PLC0415 (few requests ask for it)

    asked = call.query
    wanted, zone, said = _wanted(call.session, asked), call.session.zone, agenda_words(asked.language)
    names = asked.format != "ics" if asked.names is None else asked.names
    lines = files.limited(wiring.services().extracting.lines(call.session, wanted, names=names, network=call.ip))
    headers = {"Content-Disposition": f'attachment; filename="appointments.{asked.format}"'}
    if asked.format == "csv":
        return Text(files.as_csv(lines, said, zone), "text/csv; charset=utf-8", headers)
    if asked.format == "ics":
        return Text(files.as_calendar(lines, said), "text/calendar; charset=utf-8", headers)
    return Text(_book(lines, said, zone), XLSX, headers)


def _book(lines: "Iterable[Line]", said: Mapping[str, Any], zone: str) -> bytes:
    from chalicelib.api.appointments._agenda_book import write_book  # noqa: PLC0415 (few requests ask for it)

    held = io.BytesIO()
    write_book(lines, said, zone, to=held)
    return held.getvalue()


def _wanted(caller: "StaffSession", asked: RangeOfList) -> "Wanted":
    """What is asked for, of whom and from when until when."""
    from chalicelib.services.attending.agenda import Wanted  # noqa: PLC0415 (loaded with the first call that needs it)

    if caller.scopes is not None and asked.expert is None:
        raise InvalidInputError("A server has no appointments of its own: name an expert, or all.", field="expert")
    expert = None if asked.expert == "all" else asked.expert or caller.staff
    frm, to = _range(caller, asked)
    return Wanted(
        frm=frm,
        to=to,
        expert=expert,
        states=frozenset(asked.state),
        service=asked.service,
        resource=asked.resource,
        site=asked.site,
    )


def _range(caller: "StaffSession", asked: RangeOfList) -> Range:
    """From when until when: as said in one of the ways that there are, in the business's zone; today if in none."""
    periods = {name: value for name in _PERIODS if (value := getattr(asked, name)) is not None}
    if len(periods) + (asked.frm is not None or asked.to is not None) > 1:
        raise InvalidInputError("Ask for a day, a week, a month, or from and to.", field=next(iter(periods)))
    if asked.frm is not None and asked.to is not None:
        return Range(asked.frm, asked.to)
    if asked.frm is not None or asked.to is not None:
        raise InvalidInputError("Send from and to together.", field="to" if asked.to is None else "from")
    name, value = next(iter(periods.items()), ("day", None))
    try:
        return _PERIODS[name](value or wiring.services().clock().astimezone(ZoneInfo(caller.zone)).date(), caller.zone)
    except ValueError:
        raise InvalidInputError("Ask for one that the calendar has.", field=name) from None
