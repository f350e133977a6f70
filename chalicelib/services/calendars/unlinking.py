"""A link ends: at once here, and within a minute at the provider.

In one transaction the link is deleted with what opened the calendar, and a parting is written, which keeps that for the
provider's ears only: sealed under the business's key, for a day at most. From then on nothing of the calendar is taken
in, since whoever is about to finds the link gone. Then its busy times are taken out of the sheets. The parting is done
with by the function that looks at all calendars: should this one be killed in between, it takes out what is left, tells
the provider, and tries again as long as that does not answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.records.availability import Availability
from chalicelib.records.calendar_link import CalendarLink, CalendarParting
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.calendars.linking import needed
from chalicelib.services.sign_in.sessions import StaffSession

AT_ONCE = 40  # sheets in a transaction
_KEPT = timedelta(days=8)  # for how long past sheets lie there


@dataclass(frozen=True)
class Unlinking:
    """Ends links."""

    clock: Clock

    def unlink(self, caller: StaffSession, link: str, *, network: str) -> None:
        """Ends one of the caller's own. NotFoundError when there is none."""
        needed(caller, link)
        persist(partial(self._end, CalendarLink.ref(caller.tenant, caller.staff, link), caller.staff, network))
        clear(caller.tenant, caller.staff, link, now=self._now())

    def unlink_all(self, tenant: str, staff: str, *, actor: str | None, network: str | None) -> int:
        """Ends all of somebody's, because they leave or the business ends; how many there were."""
        links = CalendarLink.all_of(tenant, staff)
        for each in links:
            persist(partial(self._end, CalendarLink.ref(tenant, staff, each.id), actor, network))
            clear(tenant, staff, each.id, now=self._now())
        return len(links)

    def _end(self, ref: Ref[CalendarLink], actor: str | None, network: str | None) -> None:
        link = fetch(ref, consistent=True)
        if link is None:
            return
        now, hours_ref = self._now(), Availability.ref(link.tenant, link.subject)
        hours = fetch_all([hours_ref], consistent=True).get(hours_ref)
        others = [each for each in CalendarLink.all_of(link.tenant, link.subject) if each.id != link.id]
        transaction = Transaction()
        transaction.delete(link)
        if hours is not None and not others:
            hours.linked = False
            transaction.update(hours)
        transaction.create(CalendarParting.of(link, at=now))
        entry = LedgerEntry.of(
            link.tenant,
            Action.CALENDAR_UNLINKED,
            at=now,
            actor=actor,
            about=link.subject,
            thing=link.id,
            network=network,
        )
        transaction.create(entry)
        transaction.commit()

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def clear(tenant: str, expert: str, link: str, *, now: datetime) -> int:
    """Takes a link's busy times out of all sheets; from how many."""
    found = DaySheet.since(tenant, expert, (now - _KEPT).date())
    touched = [DaySheet.ref(tenant, expert, each.day) for each in found if _is_in(each, link)]
    return sum(persist(partial(_clear, refs, link)) for refs in _chunks(touched))


def _clear(refs: Sequence[Ref[DaySheet]], link: str) -> int:
    found = fetch_all(refs, consistent=True)
    sheets = [each for ref in refs if (each := found.get(ref)) is not None and _is_in(each, link)]
    transaction = Transaction()
    for each in sheets:
        each.content = each.content.with_outside(link, ())
        transaction.update(each)
    if sheets:
        transaction.commit()
    return len(sheets)


def _is_in(sheet: DaySheet, link: str) -> bool:
    return any(each.link == link for each in sheet.content.outside)


def _chunks(refs: Sequence[Ref[DaySheet]]) -> Iterator[Sequence[Ref[DaySheet]]]:
    return (refs[at : at + AT_ONCE] for at in range(0, len(refs), AT_ONCE))
