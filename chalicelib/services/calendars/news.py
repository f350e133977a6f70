"""News of one appointment, told to all calendars of its expert."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import AccessEndedError, ProviderError, ThingGoneError
from chalicelib.records.calendar_link import CalendarLink, LinkState
from chalicelib.records.calendar_news import CalendarNews
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.calendars.ports import Calendars
from chalicelib.services.calendars.reaching import opened
from chalicelib.services.calendars.telling import Told, tell, told_of

_SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class TellingNews:
    """Tells calendars."""

    clock: Clock
    calendars: Calendars

    def tell(self, news: CalendarNews) -> bool:
        """Whether all calendars know; otherwise the news wait until those that do not can be reached again."""
        now = self.clock().replace(microsecond=0)
        links = [each for each in CalendarLink.all_of(news.tenant, news.subject) if each.state is not LinkState.BROKEN]
        told, later = told_of(news), []
        for each in links:
            at = self._when_told(each, told, now)
            if at is not None:
                later.append(at)
        if later:
            return _wait(news, max(min(later), now + _SOON))
        return _done(news, links, now)

    def _when_told(self, link: CalendarLink, told: Told, now: datetime) -> datetime | None:
        """When to try a calendar again; None once it knows."""
        calendar = self.calendars().get(link.calendar)
        if calendar is None:
            return None
        if not link.told or link.failures:  # all is written by the look to come, or it can't be reached
            return link.next_at
        try:
            tell(link, calendar, opened(link, calendar, now=now), told)
        except (ThingGoneError, AccessEndedError) as error:
            return _look_first(link, error, now)
        except ProviderError:
            return now + 5 * _SOON
        except LostRaceError:  # somebody else is at this link; the token is theirs
            return now
        return None


def _look_first(link: CalendarLink, error: ProviderError, now: datetime) -> datetime:
    """The look at a calendar finds out what is the matter, and mends it."""
    if isinstance(error, ThingGoneError):
        link.own_calendar, link.told = None, False
    link.next_at = now
    transaction = Transaction()
    transaction.update(link)
    transaction.commit()
    return now


def _wait(news: CalendarNews, at: datetime) -> bool:
    news.next_at = at
    transaction = Transaction()
    transaction.update(news)
    transaction.commit()
    return False


def _done(news: CalendarNews, links: Sequence[CalendarLink], now: datetime) -> bool:
    transaction = Transaction()
    transaction.discard(Ref(CalendarNews, news.pk, news.sk))
    for each in links:
        transaction.create(
            LedgerEntry.of(
                news.tenant,
                Action.CALENDAR_TOLD,
                at=now,
                about=news.subject,
                thing=news.appointment,
                processor=each.calendar,
            )
        )
    transaction.commit()
    return bool(links)
