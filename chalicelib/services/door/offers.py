"""A service's terms as the slot rules take them, and what day sheets leave of the time."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.busy import to_intervals
from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.groups import Taken, taken
from chalicelib.domain.slots import Interval, Offer
from chalicelib.domain.terms import Terms
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.service import Service

DAY = timedelta(days=1)
FARTHEST = timedelta(days=740)  # beyond the longest horizon there is, two years


def duration_of(terms: Terms, asked: int | None) -> int:
    """How long it is to take: as asked, if that can be chosen, or as usual."""
    if asked is None or asked == terms.duration:
        return terms.duration
    if asked not in terms.durations:
        raise InvalidInputError("Choose one of the durations of the service.", field="duration")
    return asked


def offer_of(service: Service, duration: int | None = None) -> Offer:
    """The service as the slot rules take it, for the usual duration unless another is named."""
    last = service.bookable_until
    return Offer(
        duration=duration or int(service.duration),
        step=int(service.step),
        buffer_before=int(service.buffer_before),
        buffer_after=int(service.buffer_after),
        notice=int(service.notice),
        horizon_days=int(service.horizon_days),
        last=date.fromisoformat(last) if last else None,
    )


def busy_of(sheets: Iterable[DaySheet], *, without: str | None = None) -> list[Interval]:
    """The busy time on the sheets, in order, but for what one owner occupies."""
    contents = ((sheet.day, sheet.content.without(without) if without else sheet.content) for sheet in sheets)
    return [interval for day, content in contents for interval in to_intervals(day, content)]


def taken_of(
    sheets: Sequence[DaySheet], offer: Offer, service: Service, *, now: datetime, without: str | None = None
) -> Taken:
    """What an offer finds busy on the sheets of one calendar, and which groups it can join there."""
    live = ((sheet.day, sheet.content.live(now)) for sheet in sheets)
    days = [(day, content.without(without) if without else content) for day, content in live]
    return taken(days, offer, service=service.id, seats=int(service.seats))


def days_that_matter(frm: datetime, to: datetime, *, now: datetime) -> tuple[date, date]:
    """The UTC days whose sheets can forbid a start in the range: nothing is offered in the past or beyond a horizon.

    Appointments last a day at most, and so do buffers: two days around catch all that could touch.
    """
    first = (max(frm, now).astimezone(UTC) - 2 * DAY).date()
    last = (min(to, now + FARTHEST).astimezone(UTC) + 2 * DAY).date()
    return first, max(first, last)
