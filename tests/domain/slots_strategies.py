"""Random questions to the slot rules, crowded around what goes wrong: clock changes, midnights, odd offsets."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import strategies as st

from chalicelib.domain.slots import Availability, Interval, Offer, Travel, WorkingRange, blocked
from tests.domain.slots_cases import EPOCH, Case

# Each instant lies within some hours of a clock change, or is an ordinary day.
PLACES = [
    ("Europe/Zurich", "2026-03-29T01:00"),
    ("Europe/Zurich", "2026-10-25T01:00"),
    ("Europe/Zurich", "2027-03-28T01:00"),
    ("Europe/Zurich", "2027-10-31T01:00"),
    ("Australia/Adelaide", "2026-10-03T16:30"),
    ("Australia/Adelaide", "2027-04-03T16:30"),
    ("Asia/Kathmandu", "2026-12-31T18:15"),
    ("Pacific/Chatham", "2026-09-26T14:00"),
    ("Pacific/Chatham", "2027-04-03T14:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("Australia/Lord_Howe", "2027-04-03T15:00"),
    ("America/St_Johns", "2026-11-01T04:30"),
    ("America/St_Johns", "2027-03-14T05:30"),
    ("America/Havana", "2026-03-08T05:00"),  # skips the first hour of a day
    ("America/Havana", "2026-11-01T05:00"),  # goes through the first hour of a day twice
    ("Africa/Cairo", "2026-10-29T21:00"),  # goes through the last hour of a day twice
    ("Pacific/Apia", "2011-12-30T10:00"),  # left out a whole date
    ("UTC", "2026-06-15T00:00"),
]
_ROUND_WALL = st.integers(0, 96).map(lambda quarter: quarter * 15)
_WALL = st.one_of(_ROUND_WALL, _ROUND_WALL, st.integers(0, 1440), st.sampled_from([0, 60, 120, 150, 180, 240, 1440]))


SITES = (None, "here", "there")
ABROAD = ("Pacific/Kiritimati", "Pacific/Honolulu", "America/St_Johns", "Europe/Zurich", "Asia/Kathmandu")


@st.composite
def day_hours(draw: st.DrawFn) -> tuple[WorkingRange, ...]:
    """The ranges of a day: none, some, touching ones, the whole day; at one of several sites."""
    sites = st.sampled_from(SITES)
    if draw(st.integers(0, 5)) == 0:
        return (WorkingRange(0, 1440, draw(sites)),)
    marks = sorted(draw(st.lists(_WALL, max_size=5, unique=True)))
    return tuple(WorkingRange(start, end, draw(sites)) for start, end in pairwise(marks) if draw(st.integers(0, 3)))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A question about a day or two around one of `PLACES`."""
    zone, text = draw(st.sampled_from(PLACES))
    middle = datetime.fromisoformat(text).replace(tzinfo=UTC)
    seconds = st.one_of(st.just(0), st.integers(-59, 59))
    frm = middle + timedelta(minutes=draw(st.integers(-1500, 60)), seconds=draw(seconds))
    to = frm + timedelta(minutes=draw(st.integers(0, 1800)), seconds=draw(seconds))
    now = frm + timedelta(minutes=draw(st.integers(-2000, 100)), seconds=draw(seconds))
    offer, availability = draw(_offers(middle.date())), draw(_availabilities(zone, middle.date()))
    return Case(offer, availability, draw(_busy(middle)), now, frm, to, draw(_groups(offer, middle)))


@st.composite
def _availabilities(draw: st.DrawFn, zone: str, around: date) -> Availability:
    days = [around + timedelta(days=number) for number in (-2, -1, 0, 1, 2)]
    weekly = {day.weekday(): draw(day_hours()) for day in days}
    special = draw(st.dictionaries(st.sampled_from(days), day_hours(), max_size=2))
    closed = st.dictionaries(st.sampled_from(SITES), st.sets(st.sampled_from(days), max_size=2), max_size=2)
    return Availability(zone, weekly, special, draw(_travels(days)), draw(st.one_of(st.just({}), closed)))


@st.composite
def _travels(draw: st.DrawFn, days: list[date]) -> tuple[Travel, ...]:
    """None in most cases; one, or two of a day or more on end."""
    marks = sorted(draw(st.one_of(st.just(set()), st.sets(st.sampled_from(days), min_size=2, max_size=3))))
    return tuple(Travel(one, two - timedelta(days=1), draw(st.sampled_from(ABROAD))) for one, two in pairwise(marks))


@st.composite
def _groups(draw: st.DrawFn, offer: Offer, middle: datetime) -> list[datetime]:
    """Starts of groups that could lie on one sheet."""
    spots = draw(st.one_of(st.just([]), st.lists(st.integers(-1500, 2000), max_size=3)))
    held: list[datetime] = []
    for start in (middle + timedelta(minutes=spot) for spot in sorted(spots)):
        if not held or blocked(offer, held[-1]).end <= blocked(offer, start).start:
            held.append(start)
    return held


def _offers(around: date) -> st.SearchStrategy[Offer]:
    lengths = st.one_of(st.sampled_from([15, 30, 45, 60, 90]), st.integers(1, 60), st.integers(1, 400))
    steps = st.one_of(st.sampled_from([5, 15, 20, 30, 45, 60, 90]), st.integers(1, 200))
    buffers = st.one_of(st.just(0), st.just(0), st.integers(0, 30), st.integers(0, 300))
    notice = st.one_of(st.just(0), st.just(0), st.integers(0, 60), st.integers(0, 2000))
    last = st.one_of(st.none(), st.none(), st.integers(-2, 2).map(lambda number: around + timedelta(days=number)))
    return st.builds(Offer, lengths, steps, buffers, buffers, notice, st.integers(0, 4), last)


@st.composite
def _busy(draw: st.DrawFn, middle: datetime) -> list[Interval]:
    base = (middle - EPOCH) // timedelta(minutes=1)
    spots = draw(st.lists(st.tuples(st.integers(-1800, 2400), st.integers(1, 240)), max_size=5))
    return [Interval(base + start, base + start + length) for start, length in spots]
