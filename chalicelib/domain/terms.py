"""What a service is: everything that a business lays down about it, apart from who it is."""

from dataclasses import dataclass
from datetime import date
from enum import Enum


class Place(Enum):
    """Where an appointment takes place."""

    ON_SITE = "on-site"
    PHONE = "phone"
    VIDEO = "video"
    CUSTOMER = "customer"


class Payment(Enum):
    """How a service is paid for."""

    NONE = "none"
    ON_SITE = "on-site"
    ONLINE = "online"


class Each(Enum):
    """The local days of the expert over which a cap counts; a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Answer(Enum):
    """What a question asks for."""

    TEXT = "text"
    LONG_TEXT = "long-text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes-no"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True, kw_only=True)
class Cap:
    """At most so many appointments, or minutes of them, of a service with one expert; None: no limit of that sort."""

    each: Each
    count: int | None = None
    minutes: int | None = None

    def __post_init__(self) -> None:
        if self.count is None and self.minutes is None:
            raise ValueError("a cap limits the count or the minutes")


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question at booking. `when` names another question and the answer to it on which this one is asked.

    `purpose` is told to the customer beside the question; the answer is deleted `keep_days` after the appointment.
    """

    id: str
    label: str
    answer: Answer
    purpose: str
    keep_days: int
    required: bool = False
    options: tuple[str, ...] = ()
    when: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Refund:
    """Who cancels at least so many minutes before the start gets this share of the price back, in percent."""

    minutes: int
    percent: int


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a service is. Lengths in minutes, horizon in days, price in the smallest unit of the currency.

    `duration` is the usual one and `durations` are those to choose from, itself among them. The horizon rolls with
    `horizon_days` and ends for good after `bookable_until`. With `together` all experts take part, otherwise one does,
    by `weights` where the customer leaves the choice to us. Of each set in `resources` one must be free. Who has to
    confirm has `confirm_within` minutes; who has to pay, `pay_within`. `occurrences` is how long a series may be,
    `offer_minutes` how long a place from the waiting list is held (None: there is no list).
    """

    name: str
    duration: int
    step: int
    buffer_before: int
    buffer_after: int
    notice: int
    horizon_days: int
    reminder_minutes: int
    experts: frozenset[str]
    description: str = ""
    durations: tuple[int, ...] = ()
    bookable_until: date | None = None
    together: bool = False
    weights: tuple[tuple[str, int], ...] = ()
    seats: int = 1
    resources: tuple[tuple[str, ...], ...] = ()
    site: str | None = None
    place: Place = Place.ON_SITE
    meeting_link: str | None = None
    price: int | None = None
    currency: str = "CHF"
    payment: Payment = Payment.NONE
    pay_within: int = 30
    refunds: tuple[Refund, ...] = ()
    caps: tuple[Cap, ...] = ()
    questions: tuple[Question, ...] = ()
    confirm_within: int | None = None
    cancel_until: int = 0
    move_until: int = 0
    occurrences: int = 1
    offer_minutes: int | None = None
