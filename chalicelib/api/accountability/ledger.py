"""The ledger: counts and entries for admins, one's own entries for people, numbers for the operator, its proof."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.accountability._ledger_views import (
    MOST_DAYS,
    CountsView,
    DayAsked,
    DayCounts,
    DaysAsked,
    EntriesView,
    EntryView,
    FindingView,
    GroupView,
    HandOvers,
    HandOversView,
    OwnEntriesView,
    OwnEntryView,
    PageAsked,
    PageOfDayAsked,
    TelemetryView,
    ToldEntriesView,
    ToldView,
    VerificationView,
)
from chalicelib.api.http.auth import Link, Operator, Staff
from chalicelib.api.http.cursor import cursor_of, place_of
from chalicelib.api.http.endpoint import Unnoted, endpoint
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    InvalidInputError,
    LinkExpiredError,
    LinkInvalidError,
    NotFoundError,
    TryAgainError,
)
from chalicelib.domain.roles import ADMIN

if TYPE_CHECKING:
    from chalicelib.records.ledger import LedgerEntry

routes = Blueprint(__name__)

_IN_A_DAY, _OF_A_PERSON = r"[0-9]{6}#[0-9a-f]{32}", r"[0-9]{12}#[0-9a-f]{32}"
MOST_FINDINGS = 1000
_COUNTS_ONLY = Unnoted("counts of whole days speak of nobody")
_OWN = Unnoted("whoever looks at what is about themselves leaves no trace that would be about themselves again")


@routes.route("/ledger/counts", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN),
    query=DaysAsked,
    gives=CountsView,
    errors=(InvalidInputError,),
    ledger=_COUNTS_ONLY,
    summary="Count what happened, by day and kind",
)
def counts(call: Call[None, DaysAsked]) -> CountsView:
    """For a dashboard: numbers only. Those of the running day follow within seconds, most often."""
    first, last = _days(call.query)
    found = wiring.services().tallying.counts(call.session.tenant, first, last)
    days = [DayCounts(day=day, total=sum(actions.values()), actions=actions) for day, actions in found.items()]
    return CountsView(days=days)


@routes.route("/ledger/hand-overs", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN),
    query=DaysAsked,
    gives=HandOversView,
    errors=(InvalidInputError,),
    ledger=_COUNTS_ONLY,
    summary="Count hand-overs to processors, by day",
)
def hand_overs(call: Call[None, DaysAsked]) -> HandOversView:
    """Each call that handed data to a processor, or may have."""
    first, last = _days(call.query)
    found = wiring.services().tallying.handed_over(call.session.tenant, first, last)
    return HandOversView(processors=[_hand_overs(name, found[name]) for name in sorted(found)])


@routes.route("/ledger/entries", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN),
    query=PageOfDayAsked,
    gives=EntriesView,
    errors=(InvalidInputError,),
    ledger=(Action.LEDGER_READ,),
    summary="Read the entries of a day",
)
def entries(call: Call[None, PageOfDayAsked]) -> EntriesView:
    """Every look is noted in the ledger itself."""
    after = place_of(call.query.cursor, _IN_A_DAY)
    page = wiring.services().telling.entries(call.session, call.query.day, after=after, network=call.ip)
    return EntriesView(entries=[_entry(each) for each in page.entries], cursor=cursor_of(page.rest))


@routes.route("/ledger/verification", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN),
    query=DayAsked,
    gives=VerificationView,
    errors=(InvalidInputError, TryAgainError),
    ledger=Unnoted("hashes are compared; only entries somebody meddled with are named, by their keys"),
    summary="Verify a day against its proof",
)
def verification(call: Call[None, DayAsked]) -> VerificationView:
    """Names every entry that was altered, removed or inserted since the day was closed, and a broken chain."""
    verdict = wiring.services().verifying.day(call.session.tenant, call.query.day)
    first = verdict.findings[:MOST_FINDINGS]
    return VerificationView(
        day=verdict.day,
        tenant=call.session.tenant,
        state=verdict.state.value,
        entries=verdict.entries,
        ok=verdict.ok,
        findings=[FindingView(problem=f.problem.value, pk=f.pk or None, sk=f.sk or None) for f in first],
        more=len(verdict.findings) > MOST_FINDINGS,
    )


@routes.route("/staff/me/ledger", methods=["GET"])
@endpoint(
    auth=Staff(),
    query=PageAsked,
    gives=OwnEntriesView,
    errors=(InvalidInputError,),
    ledger=_OWN,
    summary="Read the entries about oneself",
)
def own(call: Call[None, PageAsked]) -> OwnEntriesView:
    """What one did oneself, and what others did with one's data; whose network it was stays theirs."""
    before = place_of(call.query.cursor, _OF_A_PERSON)
    page = wiring.services().telling.about_staff(call.session, before=before)
    shown = [_own(each, call.session.staff) for each in page.entries]
    return OwnEntriesView(entries=shown, cursor=cursor_of(page.rest))


@routes.route("/appointment/ledger", methods=["GET"])
@endpoint(
    auth=Link("see the entries about oneself"),
    query=PageAsked,
    gives=ToldEntriesView,
    errors=(LinkInvalidError, LinkExpiredError, NotFoundError, InvalidInputError),
    ledger=_OWN,
    summary="Read the entries about oneself by link",
)
def told(call: Call[None, PageAsked]) -> ToldEntriesView:
    """What happened with one's data, and every look of staff at a list that contained the appointment."""
    before = place_of(call.query.cursor, _OF_A_PERSON)
    page = wiring.services().telling.about_customer(call.token, before=before, network=call.ip)
    shown = [
        ToldView(at=e.at, kind=e.action.value, source=e.action.source, by=e.by, processor=e.processor)
        for e in page.entries
    ]
    return ToldEntriesView(entries=shown, cursor=cursor_of(page.rest))


@routes.route("/operator/telemetry", methods=["GET"])
@endpoint(
    auth=Operator(),
    query=DayAsked,
    gives=TelemetryView,
    errors=(InvalidInputError,),
    ledger=(Action.OPERATOR_CALLED,),
    summary="Count what happened over all businesses",
)
def telemetry(call: Call[None, DayAsked]) -> TelemetryView:
    """Counts by kind, none that speaks of fewer than five businesses; of days that have been over for 24 hours."""
    found = wiring.services().telling.telemetry(call.query.day)
    groups = {name: GroupView(businesses=group.tenants, count=group.count) for name, group in found.actions.items()}
    return TelemetryView(day=found.day, businesses=found.tenants, actions=groups)


def _days(asked: DaysAsked) -> tuple[date, date]:
    if not timedelta(0) <= asked.to - asked.frm < timedelta(days=MOST_DAYS):
        raise InvalidInputError(f"Ask for at least one day and at most {MOST_DAYS}.", field="to")
    return asked.frm, asked.to


def _hand_overs(processor: str, days: Mapping[date, int]) -> HandOvers:
    of_days = {day.isoformat(): count for day, count in sorted(days.items())}
    return HandOvers(processor=processor, total=sum(of_days.values()), days=of_days)


def _entry(held: "LedgerEntry") -> EntryView:
    names = ("at", "actor", "about", "thing", "network", "ground", "processor", "counts")
    told = {name: getattr(held, name) for name in names}
    return EntryView(kind=held.action.value, source=held.action.source, **told)


def _own(held: "LedgerEntry", staff: str) -> OwnEntryView:
    own = held.actor == staff
    return OwnEntryView(
        at=held.at,
        kind=held.action.value,
        source=held.action.source,
        by_yourself=own,
        network=held.network if own else None,
    )
