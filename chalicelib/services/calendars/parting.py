"""The provider is told that a link has ended: our calendar there goes, and what the expert agreed to is given back."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import AccessEndedError, ProviderError
from chalicelib.records.calendar_link import CalendarParting
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref
from chalicelib.records.writing import Transaction
from chalicelib.services.calendars.ports import Calendar, Calendars
from chalicelib.services.calendars.reaching import may_be_stale, opened, put_off
from chalicelib.services.calendars.unlinking import clear


@dataclass(frozen=True)
class Parting:
    """Tells providers."""

    clock: Clock
    calendars: Calendars

    def part(self, parting: CalendarParting) -> bool:
        """Whether it is done with, and nothing is left here either. What goes wrong at the provider is raised, too."""
        now = self.clock().replace(microsecond=0)
        clear(parting.tenant, parting.expert, parting.link, now=now)
        calendar = self.calendars().get(parting.calendar)
        try:
            if calendar is not None and parting.access.token:  # what was broken has none, and can't be told
                _tell(parting, calendar, now)
        except AccessEndedError as error:
            if calendar is not None and may_be_stale(parting, error, calendar):
                parting.opens = replace(parting.access, until=None).plain()
                _later(parting, error, now)
                return False
            # Whoever let us in has taken that back by themselves: there is nothing left that we could give back.
        except ProviderError as error:
            _later(parting, error, now)
            raise
        _done(parting, now)
        return True


def _tell(parting: CalendarParting, calendar: Calendar, now: datetime) -> None:
    access = opened(parting, calendar, now=now)
    if parting.subscription and calendar.reports is not None:
        calendar.reports.unsubscribe(access, parting.subscription)
    own = parting.own_calendar or calendar.find_own(access, parting.link)
    if own:
        calendar.delete_own(access, own)
    calendar.revoke(access)


def _later(parting: CalendarParting, error: ProviderError, now: datetime) -> None:
    put_off(parting, error, now=now)
    transaction = Transaction()
    transaction.update(parting)
    transaction.commit()


def _done(parting: CalendarParting, now: datetime) -> None:
    transaction = Transaction()
    transaction.discard(Ref(CalendarParting, parting.pk, parting.sk))
    transaction.create(LedgerEntry.of(parting.tenant, Action.CALENDAR_PARTED, at=now, thing=parting.link))
    transaction.commit()
