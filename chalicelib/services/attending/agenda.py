"""What staff see: the appointments of an expert, or of everybody, in a range. Every look leaves an entry in the ledger.

A page is what one Query of the list brings: at most `PAGE` appointments, whole starts where that is possible, so that
the seats of a group are counted together. The lists of several experts are read at once and merged by start.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import InvalidInputError, NotAllowedError
from chalicelib.domain.roles import ADMIN
from chalicelib.records.answer import GivenAnswer
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.participation import Participation
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.team import Team
from chalicelib.records.writing import Transaction
from chalicelib.services.booking.answering import of_all
from chalicelib.services.ports import Vault
from chalicelib.services.side_by_side import all_at_once, side_by_side
from chalicelib.services.sign_in.sessions import StaffSession

PAGE = 500
PLACE = r"[0-9]{12}#[0-9a-f]{32}"
LONGEST_RANGE = timedelta(days=62)
_Line = Appointment | Participation


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which appointments: those that start from `frm` to before `to`, of one expert or of everybody (None)."""

    frm: datetime
    to: datetime
    expert: str | None
    states: frozenset[str] = frozenset()
    service: str | None = None
    resource: str | None = None
    site: str | None = None


@dataclass(frozen=True, kw_only=True)
class Listed:
    """An appointment in a list, how it stands now, and how many of the seats of its group are taken."""

    appointment: Appointment
    state: State
    taken: int
    seats: int


@dataclass(frozen=True)
class Page:
    """Some of a list, and the place behind which the rest begins; empty when that was all."""

    entries: Sequence[Listed]
    rest: str = ""


@dataclass(frozen=True)
class Agenda:
    """Lists of appointments."""

    vault: Vault
    clock: Clock

    def page(self, caller: StaffSession, wanted: Wanted, *, after: str = "", network: str) -> Page:
        """The appointments behind a place; experts see their own, admins everybody's."""
        check_wanted(caller, wanted, longest=LONGEST_RANGE)
        noted, services = Transaction(), partial(Service.all_of, caller.tenant)
        noted.create(look(caller, Action.APPOINTMENTS_READ, wanted, after=after, at=self.clock(), network=network))
        offered, ((found, rest), _) = side_by_side(
            services, lambda: side_by_side(lambda: self.read(caller.tenant, wanted, after=after), noted.commit)
        )
        return Page(self.chosen(found, wanted, {each.id: each for each in offered}), rest)

    def answers(self, page: Page) -> dict[str, list[GivenAnswer]]:
        """What those who come answered to questions, by appointment; of who had the processing restricted nothing."""
        open_ones = [each.appointment for each in page.entries if each.appointment.restricted_since is None]
        return of_all(open_ones)

    def read(self, tenant: str, wanted: Wanted, *, after: str) -> tuple[list[Appointment], str]:
        """A page of everything in the range, its people's keys at hand, and the place of the rest."""
        asked: Any = {"frm": wanted.frm, "to": wanted.to, "after": after, "most": PAGE + 1}
        lists: list[Callable[[], Sequence[_Line]]]
        if wanted.expert is None:
            team = fetch(Team.ref(tenant))
            lists = [partial(Appointment.of_expert, tenant, each, **asked) for each in (team.members if team else ())]
        else:
            lists = [partial(kind.of_expert, tenant, wanted.expert, **asked) for kind in (Appointment, Participation)]
        found = sorted((each for one in all_at_once(lists) for each in one), key=_place)
        kept, rest = _cut(found)
        return self._opened(tenant, kept), rest

    def chosen(self, found: Sequence[Appointment], wanted: Wanted, services: dict[str, Service]) -> list[Listed]:
        """Those of what was found that are wanted. Seats are counted before."""
        now = self.clock()
        states = {each.id: standing(each, now) for each in found}
        taken = Counter((each.group, each.starts_at) for each in found if states[each.id].holds_time)
        return [
            Listed(
                appointment=each,
                state=states[each.id],
                taken=taken[each.group, each.starts_at] if each.group else 1,
                seats=int(services[each.service].seats) if each.group and each.service in services else 1,
            )
            for each in found
            if _is_wanted(each, states[each.id], wanted, services)
        ]

    def _opened(self, tenant: str, kept: Sequence[_Line]) -> list[Appointment]:
        """The appointments themselves, also where the list only leads to them."""
        leads = {
            each.sk: Appointment.ref(tenant, each.subject, each.appointment)
            for each in kept
            if isinstance(each, Participation)
        }
        keys = partial(self.vault.preload, tenant, {each.subject for each in kept})
        if not leads:
            keys()
            return [each for each in kept if isinstance(each, Appointment)]
        found, _ = side_by_side(lambda: fetch_all(leads.values()), keys)
        held = (each if isinstance(each, Appointment) else found.get(leads[each.sk]) for each in kept)
        return [each for each in held if each is not None]


def check_wanted(caller: StaffSession, wanted: Wanted, *, longest: timedelta) -> None:
    """NotAllowedError for an expert who asks for others' lists, InvalidInputError for a range that is none."""
    if wanted.expert != caller.staff and ADMIN not in caller.roles:
        raise NotAllowedError("Experts see their own appointments.")
    if not timedelta(0) < wanted.to - wanted.frm <= longest:
        raise InvalidInputError(f"Ask for more than nothing and at most {longest.days} days.", field="to")


def look(
    caller: StaffSession, action: Action, wanted: Wanted, *, after: str = "", at: datetime, network: str
) -> LedgerEntry:
    """What the ledger says of a look: whose list, the business's own id for everybody's, and which range.

    From this every customer whose appointment was in it can be told (see `telling`).
    """
    frm = max(int(wanted.frm.timestamp()), int(after.partition("#")[0] or 0))
    return LedgerEntry.of(
        caller.tenant,
        action,
        at=at.replace(microsecond=0),
        actor=caller.staff,
        about=wanted.expert or caller.tenant,
        network=network,
        counts={"from": frm, "to": int(wanted.to.timestamp())},
    )


def standing(held: Appointment, now: datetime) -> State:
    """Where it stands at `now`: what waited too long has lapsed, also before the run that notes it."""
    over = held.state.waits and held.lapses_at is not None and held.lapses_at <= now
    return State.LAPSED if over else held.state


def _is_wanted(held: Appointment, state: State, wanted: Wanted, services: dict[str, Service]) -> bool:
    service = services.get(held.service)
    return (
        (not wanted.states or state.value in wanted.states)
        and wanted.service in {None, held.service}
        and (wanted.resource is None or wanted.resource in (held.resources or ()))
        and (wanted.site is None or (service is not None and service.site == wanted.site))
    )


def _cut(found: list[_Line]) -> tuple[list[_Line], str]:
    """At most a page, without the part of a start that would be cut through, and the place of the last one shown."""
    if len(found) <= PAGE:
        return found, ""
    whole = [each for each in found[:PAGE] if each.starts_at != found[PAGE].starts_at] or found[:PAGE]
    return whole, _place(whole[-1])


def _place(each: _Line) -> str:
    return str(each.lookup_sk)
