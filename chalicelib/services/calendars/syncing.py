"""The one job about experts' own calendars: each minute it does what is due, as the due index has it.

* A *link* is looked at every ten minutes, or at once after a report; where changes are reported, every hour besides.
  What lies far ahead is looked at once a day. The first look makes a calendar of ours there and writes all that lies
  ahead into it.
* *News* of an appointment are told to all calendars of its expert.
* A *parting* is told to the provider, for a day at most.

Whoever looks at a link claims it first: its time is moved by more than a run can last, under the version that was
read. So runs may overlap, and one that is killed is made up for. What can't be reached is tried again, later each time,
or when the provider says. A calendar that does not let us in any more is broken: the expert is told once, and nobody
tries again.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import KeyDestroyedError, ProviderError, RestrictedError, TryAgainError
from chalicelib.records._base import part
from chalicelib.records.calendar_link import LINK, PARTING, CalendarLink, CalendarParting
from chalicelib.records.calendar_news import CalendarNews
from chalicelib.records.due import SYNC, Due, ended
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.calendars.looking import Looking
from chalicelib.services.calendars.news import TellingNews
from chalicelib.services.calendars.parting import Parting

R = TypeVar("R", CalendarNews, CalendarParting)
_MOST = 500
NEWS = "CALENDAR-NEWS#"


@dataclass(kw_only=True)
class Synced:
    """How many calendars were looked at, how many news and ends were told, and what has to wait.

    `troubles` counts what went wrong, by provider and code.
    """

    looked: int = 0
    told: int = 0
    parted: int = 0
    waiting: int = 0
    troubles: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Syncing:
    """Does what is due."""

    clock: Clock
    looking: Looking
    news: TellingNews
    parting: Parting

    def run(self, *, may_go_on: Callable[[], bool] = lambda: True) -> Synced:
        """Links first, since news wait for links that were never looked at; what fails is left for a later run."""
        counts = Synced()
        due = sorted(ended(SYNC, until=self._now(), limit=_MOST), key=_order)
        for each in due:
            if not may_go_on():
                counts.waiting += 1
                continue
            try:
                self._do(each, counts, may_go_on)
            except ProviderError as error:
                counts.troubles[f"{error.provider} {error.code}"] += 1
            except (TryAgainError, KeyDestroyedError, RestrictedError):
                counts.waiting += 1
        return counts

    def _do(self, due: Due, counts: Synced, may_go_on: Callable[[], bool]) -> None:
        tenant, staff, name = part(due.pk, "TENANT"), part(due.pk, "SUBJECT"), due.sk.rpartition("#")[2]
        if due.sk.startswith(LINK):
            link = fetch(CalendarLink.ref(tenant, staff, name), consistent=True)
            counts.looked += link is not None and self.looking.look(link, may_go_on=may_go_on)
        elif due.sk.startswith(NEWS):
            news = _in_time(CalendarNews.ref(tenant, staff, name), self._now())
            counts.told += news is not None and self.news.tell(news)
        elif due.sk.startswith(PARTING):
            parting = _in_time(CalendarParting.ref(tenant, name), self._now())
            counts.parted += parting is not None and self.parting.part(parting)

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _in_time(ref: Ref[R], now: datetime) -> R | None:
    """What is to be told, unless it took too long: that goes for good, without having been told."""
    held = fetch(ref, consistent=True)
    if held is None:
        transaction = Transaction()
        transaction.delete_expired(ref)
        counts = {ref.record.kind_name(): 1}
        transaction.create(LedgerEntry.of(part(ref.pk, "TENANT"), Action.EXPIRED, at=now, counts=counts))
        with suppress(LostRaceError):  # it was not there at all
            transaction.commit()
    return held


def _order(due: Due) -> tuple[int, datetime]:
    return next(at for at, begins in enumerate((LINK, NEWS, PARTING, "")) if due.sk.startswith(begins)), due.at
