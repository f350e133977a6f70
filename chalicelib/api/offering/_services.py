"""Services as they are sent and shown."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from chalicelib.api.http.models import Body, Id, Instant, LocalDate, View, many, refused, text
from chalicelib.api.http.people import Line
from chalicelib.domain.questions import LONGEST_KEPT, MOST, MOST_OPTIONS

if TYPE_CHECKING:
    from chalicelib.domain.terms import Terms
    from chalicelib.records.service import Service

DAY = 24 * 60
WEEK = 7 * DAY
YEAR = 366 * DAY
LARGEST_PRICE = 100_000_000
EXPERTS = 100

Minutes = Annotated[int, Field(ge=1, le=DAY)]
Names = Literal["on-site", "phone", "video", "customer"]
Ways = Literal["none", "on-site", "online"]
Kinds = Literal["text", "long-text", "number", "date", "yes-no", "choice", "choices"]
Key = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40, examples=["allergies"])]


class CapTerms(Body):
    """At most so many appointments, or minutes of them, with one expert a local day, week (from Monday) or month."""

    each: Literal["day", "week", "month"]
    count: Annotated[int | None, Field(ge=1, le=10_000)] = None
    minutes: Annotated[int | None, Field(ge=1, le=31 * DAY)] = None

    @model_validator(mode="after")
    def _limits(self) -> "CapTerms":
        if self.count is None and self.minutes is None:
            raise refused("limits nothing", "Send `count`, `minutes`, or both.")
        return self


class RefundTerms(Body):
    """Who cancels at least so many minutes before the start gets this share back."""

    minutes: Annotated[int, Field(ge=0, le=YEAR)]
    percent: Annotated[int, Field(ge=0, le=100)]


class Condition(Body):
    """On which answer to an earlier question this one is asked."""

    question: Key
    answer: Line


class QuestionTerms(Body):
    """A question at booking: what it is for is told beside it, and when its answer is deleted after the appointment."""

    id: Key
    label: Line
    answer: Kinds
    purpose: Line
    keep_days: Annotated[int, Field(ge=0, le=LONGEST_KEPT)]
    required: bool = False
    options: Annotated[list[Line], many(MOST_OPTIONS)] = Field(default_factory=list)
    when: Condition | None = None


class Weight(Body):
    """How large an expert's share is where customers leave the choice to us; who has none named has 1."""

    expert: Id
    weight: Annotated[int, Field(ge=0, le=100)]


class ServiceTerms(Body):
    """What a service is; times in minutes, the horizon in days, the price in the smallest unit of the currency."""

    name: Line
    description: Annotated[str, text(4000)] = ""
    duration: Minutes
    durations: Annotated[
        list[Minutes], Field(max_length=20, description="Those to choose from, the usual one among them.")
    ] = Field(default_factory=list)
    step: Annotated[int, Field(ge=1, le=DAY, description="Minutes from one possible start to the next.")]
    buffer_before: Annotated[int, Field(ge=0, le=DAY)] = 0
    buffer_after: Annotated[int, Field(ge=0, le=DAY)] = 0
    notice: Annotated[int, Field(ge=0, le=52 * WEEK, description="How long before the start one can still book.")] = 0
    horizon_days: Annotated[int, Field(ge=0, le=730)] = 90
    bookable_until: Annotated[LocalDate | None, Field(description="The last date that is offered at all.")] = None
    reminder_minutes: Annotated[int, Field(ge=0, le=4 * WEEK, description="0: no reminder.")] = DAY
    experts: Annotated[list[Id], Field(min_length=1, max_length=EXPERTS)]
    together: Annotated[bool, Field(description="All experts take part; otherwise one does.")] = False
    weights: Annotated[list[Weight], many(EXPERTS)] = Field(default_factory=list)
    seats: Annotated[int, Field(ge=1, le=500)] = 1
    resources: Annotated[
        list[Annotated[list[Id], many(20)]],
        Field(max_length=5, description="Sets of rooms or devices; of each set one must be free."),
    ] = Field(default_factory=list)
    site: Id | None = None
    place: Names = "on-site"
    meeting_link: Annotated[str | None, Field(max_length=500, pattern=r"^[\x21-\x7e]+$")] = None
    price: Annotated[int | None, Field(ge=0, le=LARGEST_PRICE)] = None
    currency: Literal["CHF", "EUR"] = "CHF"
    payment: Ways = "none"
    pay_within: Annotated[int, Field(ge=5, le=WEEK)] = 30
    refunds: Annotated[list[RefundTerms], many(10)] = Field(default_factory=list)
    caps: Annotated[list[CapTerms], many(3)] = Field(default_factory=list)
    questions: Annotated[list[QuestionTerms], many(MOST)] = Field(default_factory=list)
    confirm_within: Annotated[
        int | None, Field(ge=5, le=4 * WEEK, description="Who has to confirm has so long; null: confirmed at once.")
    ] = None
    cancel_until: Annotated[int, Field(ge=0, le=YEAR, description="How long before the start one can cancel.")] = 0
    move_until: Annotated[int, Field(ge=0, le=YEAR, description="How long before the start one can move it.")] = 0
    occurrences: Annotated[int, Field(ge=1, le=52, description="How long a series may be.")] = 1
    offer_minutes: Annotated[
        int | None, Field(ge=5, le=WEEK, description="How long a place from the waiting list is held; null: no list.")
    ] = None


class Offered(View):
    """A service as visitors see it."""

    id: Id
    name: str
    description: str
    duration: int
    durations: list[int]
    step: int
    notice: int
    horizon_days: int
    bookable_until: LocalDate | None
    experts: list[Id]
    together: bool
    seats: int
    site: Id | None
    place: Names
    price: int | None
    currency: str
    payment: Ways
    pay_within: int
    refunds: list[RefundTerms]
    questions: list[QuestionTerms]
    confirm_within: int | None
    cancel_until: int
    move_until: int
    occurrences: int
    waiting_list: bool


class ServiceView(Offered):
    """A service as its business sees it."""

    buffer_before: int
    buffer_after: int
    reminder_minutes: int
    weights: list[Weight]
    resources: list[list[Id]]
    meeting_link: str | None
    caps: list[CapTerms]
    offer_minutes: int | None
    archived_at: Instant | None


class ServiceList(View):
    """The services of a business."""

    services: Annotated[list[ServiceView], many(500)]


def terms_of(body: ServiceTerms) -> "Terms":
    """The terms that were sent."""
    from chalicelib.domain.terms import (  # noqa: PLC0415 (loaded with the first call that needs it)
        Answer,
        Cap,
        Each,
        Payment,
        Place,
        Question,
        Refund,
        Terms,
    )

    questions = (
        Question(
            **{
                **each.model_dump(),
                "answer": Answer(each.answer),
                "options": tuple(each.options),
                "when": (each.when.question, each.when.answer) if each.when else None,
            }
        )
        for each in body.questions
    )
    lists = {
        "experts": frozenset(body.experts),
        "durations": tuple(body.durations),
        "weights": tuple((each.expert, each.weight) for each in body.weights),
        "resources": tuple(map(tuple, body.resources)),
        "refunds": tuple(Refund(**each.model_dump()) for each in body.refunds),
        "caps": tuple(Cap(**{**each.model_dump(), "each": Each(each.each)}) for each in body.caps),
        "questions": tuple(questions),
    }
    return Terms(**{**body.model_dump(), **lists, "place": Place(body.place), "payment": Payment(body.payment)})


def offered(service: "Service") -> Offered:
    """What visitors see of it."""
    return Offered.model_validate(_shown(service, Offered))


def service_view(service: "Service") -> ServiceView:
    """All of it."""
    return ServiceView.model_validate(_shown(service, ServiceView))


def _shown(service: "Service", view: type[Offered]) -> dict[str, object]:
    terms = service.terms()
    held: dict[str, object] = {
        **vars(terms),
        "id": service.id,
        "durations": list(terms.durations or (terms.duration,)),
        "experts": sorted(terms.experts),
        "place": terms.place.value,
        "payment": terms.payment.value,
        "refunds": [vars(each) for each in terms.refunds],
        "caps": [{**vars(each), "each": each.each.value} for each in terms.caps],
        "questions": [_question(vars(each)) for each in terms.questions],
        "weights": [{"expert": expert, "weight": weight} for expert, weight in terms.weights],
        "resources": list(map(list, terms.resources)),
        "waiting_list": terms.offer_minutes is not None,
        "archived_at": service.archived_at,
    }
    return {name: held[name] for name in view.model_fields}


def _question(held: dict[str, object]) -> dict[str, object]:
    when = held["when"]
    asked_on = {"question": when[0], "answer": when[1]} if isinstance(when, tuple) else None
    return {**held, "answer": held["answer"].value, "options": list(held["options"]), "when": asked_on}  # type: ignore[attr-defined, call-overload]
