"""How staff see appointments, and what they ask for in lists of them."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from chalicelib.api.http.cursor import Cursor
from chalicelib.api.http.models import Id, Instant, LocalDate, Query, View, many
from chalicelib.domain.ranges import MONTH_PATTERN, WEEK_PATTERN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.records.answer import GivenAnswer
    from chalicelib.records.appointment import Appointment, State
    from chalicelib.services.attending.agenda import Listed

Shown = Literal["unpaid", "pending", "confirmed", "cancelled", "declined", "lapsed"]
_PERSON = ("given_name", "family_name", "email", "phone", "address", "note")


class RangeOfList(Query):
    """Which appointments: of a day, a week, a month in the business's zone, or `from` `to`; of today if none is said.

    One's own, unless `expert` names somebody or says `all`.
    """

    frm: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None
    day: LocalDate | None = None
    week: Annotated[str | None, Field(pattern=WEEK_PATTERN, examples=["2026-W47"])] = None
    month: Annotated[str | None, Field(pattern=MONTH_PATTERN, examples=["2026-11"])] = None
    expert: Id | Literal["all"] | None = None
    state: Annotated[list[Shown], Field(max_length=6, default_factory=list)]
    service: Id | None = None
    resource: Id | None = None
    site: Id | None = None


class AgendaAsked(RangeOfList):
    """A list, where its page begins, and whether the customers' answers to questions come along."""

    answers: bool = False
    cursor: Cursor | None = None


class ExportAsked(RangeOfList):
    """A list of at most 366 days as a file. Calendars name who comes only with `names=true`, others unless `false`."""

    format: Literal["csv", "ics", "xlsx"] = "csv"
    language: Literal["de", "en", "fr", "it"] = "de"
    names: bool | None = None


class AnswerView(View):
    """What a customer answered to a question of the business."""

    question: str
    answer: str


class AgendaEntry(View):
    """An appointment as staff see it; what is about the person is left out where they had it restricted.

    `version` goes into If-Match when it is changed. The appointments of one `group` share their time.
    """

    id: Id
    tenant: Id
    customer: Id
    version: int
    service: Id
    expert: Id
    others: Annotated[list[Id], many(50)]
    agreed: Annotated[list[Id], many(51), Field(description="Who of all experts has agreed, where they are asked.")]
    resources: Annotated[list[Id], many(50)]
    state: Shown
    starts_at: Instant
    ends_at: Instant
    zone: str
    lapses_at: Instant | None
    place: str
    price: Annotated[int | None, Field(description="In the smallest unit of the currency.")]
    currency: str | None
    series: str | None
    group: str | None
    seats_taken: Annotated[int | None, Field(description="In lists only, as the number of seats.")]
    seats: int | None
    no_show_at: Instant | None
    booked_at: Instant
    booked_by: Id | None
    sms_wanted: bool
    answered: Annotated[list[str], many(100)]
    answers: Annotated[list[AnswerView] | None, Field(description="Only where they were asked for.")]
    restricted: bool
    given_name: str | None
    family_name: str | None
    email: str | None
    phone: str | None
    address: str | None
    note: str | None


class AgendaView(View):
    """Appointments in order of their start, and the cursor of the rest."""

    appointments: Annotated[list[AgendaEntry], many(2_000)]
    cursor: str | None


def entry(listed: "Listed", answers: "Sequence[GivenAnswer] | None" = None) -> AgendaEntry:
    """One line of a list."""
    seats = {"seats_taken": listed.taken, "seats": listed.seats}
    return AgendaEntry.model_validate({**entry_fields(listed.appointment, listed.state, answers), **seats})


def entry_fields(held: "Appointment", state: "State", answers: "Sequence[GivenAnswer] | None") -> dict[str, object]:
    """What every view of an appointment for staff says."""
    restricted = held.restricted_since is not None
    told = (
        None if restricted or answers is None else [AnswerView(question=a.question, answer=a.answer) for a in answers]
    )
    plain = (
        "id",
        "tenant",
        "service",
        "expert",
        "starts_at",
        "ends_at",
        "lapses_at",
        "currency",
        "series",
        "booked_at",
    )
    return {
        **{name: getattr(held, name) for name in (*plain, "booked_by", "no_show_at", "sms_wanted")},
        **{name: None if restricted else getattr(held, name) or None for name in _PERSON},
        "customer": held.subject,
        "version": int(held.version or 0),
        "others": sorted(held.others or ()),
        "agreed": sorted(held.agreed or ()),
        "resources": sorted(held.resources or ()),
        "state": state.value,
        "zone": held.customer_zone,
        "place": held.place.value,
        "price": None if held.price is None else int(held.price),
        "group": f"{int(held.group):016x}" if held.group else None,
        "seats_taken": None,
        "seats": None,
        "answered": sorted(held.answers or ()),
        "answers": told,
        "restricted": restricted,
    }
