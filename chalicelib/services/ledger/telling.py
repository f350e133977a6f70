"""Tells what the ledger holds: an admin the entries of a day, people those about themselves, the operator numbers.

A customer learns of every list that contained their appointment, although no list names anybody: a look at a list
says whose it was and which range it covered, booking and moving say when the appointment began. So whether it stood in
a list follows exactly, to the second; of what happened in the same second, both orders count.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Generic, TypeVar

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import InvalidInputError, NotFoundError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.roles import ADMIN, EXPERT
from chalicelib.records.appointment import Appointment
from chalicelib.records.exceptions import fetch_excepted
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.ledger_day import LedgerDay, end_of
from chalicelib.records.writing import Transaction
from chalicelib.services.linking import Linking
from chalicelib.services.side_by_side import all_at_once, side_by_side
from chalicelib.services.sign_in.sessions import StaffSession

PAGE = 100
LOOKED_THROUGH = 500
MOST_OF_ONE = 1000
FEWEST_TENANTS = 5
# Every day is closed by then: what is told of it does not change any more, so two answers tell nothing by differing.
SETTLED = timedelta(hours=24)
T = TypeVar("T")
_END = "9"  # behind every place in the ledger
_LOOKS = frozenset({Action.APPOINTMENTS_READ, Action.APPOINTMENTS_EXPORTED})
_STARTED = frozenset(
    {
        Action.APPOINTMENT_BOOKED,
        Action.APPOINTMENT_BOOKED_BY_STAFF,
        Action.APPOINTMENT_MOVED,
        Action.APPOINTMENT_MOVED_BY_STAFF,
    }
)


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some of what there is, and where the rest begins; empty when that was all."""

    entries: Sequence[T]
    rest: str = ""


@dataclass(frozen=True)
class Told:
    """One entry as the person learns of it whom it is about: what, when, and in what role somebody did it."""

    at: datetime
    action: Action
    by: str
    processor: str | None


@dataclass(frozen=True)
class Group:
    """How often something happened, and in how many businesses."""

    tenants: int
    count: int


@dataclass(frozen=True)
class Telemetry:
    """A day over all businesses; what fewer than five did is left out. None: fewer than five did anything."""

    day: date
    tenants: int | None
    actions: dict[str, Group]


@dataclass(frozen=True)
class Telling:
    """Tells."""

    clock: Clock
    linking: Linking

    def entries(self, caller: StaffSession, day: date, *, after: str, network: str) -> Page[LedgerEntry]:
        """The entries of a day of the caller's business, in order; noted."""
        noted = Transaction()
        noted.create(
            LedgerEntry.of(
                caller.tenant,
                Action.LEDGER_READ,
                at=self.clock().replace(microsecond=0),
                actor=caller.staff,
                network=network,
                counts={"day": int(end_of(day).timestamp()) - 86_400},
            )
        )
        found, _ = side_by_side(
            lambda: LedgerEntry.of_day(caller.tenant, day, after=after, most=PAGE + 1), noted.commit
        )
        return Page(found[:PAGE], found[PAGE - 1].sk if len(found) > PAGE else "")

    def about_staff(self, caller: StaffSession, *, before: str) -> Page[LedgerEntry]:
        """The entries about the caller, the newest first."""
        found = LedgerEntry.on_person(caller.tenant, caller.staff, before=before, most=PAGE + 1)
        return Page(found[:PAGE], str(found[PAGE - 1].people_sk) if len(found) > PAGE else "")

    def about_customer(self, token: str, *, before: str, network: str) -> Page[Told]:
        """The entries about whoever holds the link, and the looks at lists that contained the appointment.

        All that is about the person comes at once; the rest goes on with the looks, the newest first.
        """
        link = self.linking.read(token, LinkPurpose.CANCEL, LinkPurpose.RESCHEDULE)
        asked = Asked(ground=Ground.SUBJECT_CONSENT, actor=link.subject, network=network)
        held = fetch_excepted(Appointment.ref(link.tenant, link.subject, link.thing), asked)
        if held is None:
            raise NotFoundError("This appointment does not exist any more.")
        own = LedgerEntry.on_person(link.tenant, link.subject, most=MOST_OF_ONE)
        looked = _looks(held, before=before)
        times = _times([each for each in own if each.thing == held.id])
        seen = [each for each in looked[:LOOKED_THROUGH] if _contained(each, times)]
        told = sorted([*seen, *([] if before else own)], key=lambda each: each.people_sk, reverse=True)
        rest = str(looked[LOOKED_THROUGH - 1].people_sk) if len(looked) > LOOKED_THROUGH else ""
        return Page([_told(each) for each in told], rest)

    def telemetry(self, day: date) -> Telemetry:
        """What happened on a day over all businesses: counts only, and none that speaks of fewer than five."""
        if end_of(day) + SETTLED > self.clock():
            raise InvalidInputError("Ask for a day that has been over for 24 hours.", field="day")
        days = [each for each in LedgerDay.everywhere(day) if each.tenant != INSTALLATION and each.total]
        groups: dict[str, Group] = {}
        for each in days:
            for action, count in each.actions.items():
                before = groups.get(action, Group(0, 0))
                groups[action] = Group(before.tenants + 1, before.count + count)
        shown = {action: group for action, group in sorted(groups.items()) if group.tenants >= FEWEST_TENANTS}
        return Telemetry(day, len(days) if len(days) >= FEWEST_TENANTS else None, shown)


def _looks(held: Appointment, *, before: str) -> list[LedgerEntry]:
    """The newest looks at lists in which the appointment stood at some time, whatever their range."""
    calls = [
        partial(
            LedgerEntry.on_person,
            held.tenant,
            whose,
            since=since,
            before=min(filter(None, (before, until))),
            most=LOOKED_THROUGH + 1,
        )
        for whose, since, until in _lists(held)
    ]
    found = [each for one in all_at_once(calls) for each in one]
    return sorted(found, key=lambda each: str(each.people_sk), reverse=True)[: LOOKED_THROUGH + 1]


def _lists(held: Appointment) -> Iterator[tuple[str, str, str]]:
    """Whose lists it stood in, from which place in the ledger to which: experts', and everybody's (the tenant's id)."""
    since = LedgerEntry.place(held.booked_at)
    for each in (held.tenant, *(held.others or ())):
        yield each, since, _END
    for expert, until in held.earlier or ():
        yield expert, since, LedgerEntry.place(datetime.fromtimestamp(until + 1, UTC))
        since = LedgerEntry.place(datetime.fromtimestamp(until, UTC))
    yield held.expert, since, _END


def _times(about: Sequence[LedgerEntry]) -> list[tuple[datetime, int]]:
    """Since when the appointment has begun when: (noted at, epoch seconds of its start), in order."""
    found = [(each.at, each.counts.get("starts_at", -1)) for each in about if each.action in _STARTED and each.counts]
    return sorted(found)


def _contained(look: LedgerEntry, times: Sequence[tuple[datetime, int]]) -> bool:
    """Whether the appointment stood in the list when it was looked at."""
    if look.action not in _LOOKS or not look.counts:
        return False
    then = [start for at, start in times if at < look.at][-1:] + [start for at, start in times if at == look.at]
    return any(look.counts["from"] <= start < look.counts["to"] for start in then)


def _told(entry: LedgerEntry) -> Told:
    by = entry.action.source
    if entry.action in _LOOKS:  # Experts see their own list, admins everybody's.
        by = EXPERT if entry.actor == entry.about else ADMIN
    return Told(entry.at, entry.action, by, entry.processor)
