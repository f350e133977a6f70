"""Sees to it that a provider reports changes for days to come. Where it can't be, a calendar is asked more often."""

from contextlib import suppress
from datetime import datetime, timedelta

from chalicelib.domain.errors import AccessEndedError, ProviderError, ProviderMisconfiguredError, ThingGoneError
from chalicelib.domain.own_calendars import Access, Subscription
from chalicelib.domain.tokens import Token
from chalicelib.records.calendar_link import CalendarLink
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.calendars.ports import Reports

EVERY, REPORTED = timedelta(minutes=10), timedelta(hours=1)
SUBSCRIBED, RENEWED = timedelta(days=6), timedelta(days=2)
_REFUSED = timedelta(hours=6)


def keep_reported(link: CalendarLink, reports: Reports, access: Access, now: datetime) -> None:
    """Subscribes, or renews that in good time; comes before the look, so that no change falls in between.

    A provider that refuses is asked again hours later. Whoever does not answer is asked with the next look, and what
    there was goes on as long as it lasts.
    """
    lasts = link.subscription is not None and link.subscribed_until is not None
    if lasts and link.subscribed_until > now + SUBSCRIBED - RENEWED:
        return
    if link.refused_at is not None and link.refused_at > now - _REFUSED:
        return
    try:
        _renew(link, reports, access, now + SUBSCRIBED)
    except AccessEndedError:
        raise
    except ProviderError as error:
        if isinstance(error, ProviderMisconfiguredError):
            link.refused_at = now
    else:
        link.refused_at = None


def next_look(link: CalendarLink, now: datetime) -> datetime:
    """When a calendar that could be reached is looked at next: rarely while its changes are reported."""
    ends = link.subscribed_until if link.subscription else None
    return now + (REPORTED if ends is not None and ends > now + REPORTED else EVERY)


def _renew(link: CalendarLink, reports: Reports, access: Access, until: datetime) -> None:
    former = link.subscription
    if former is None:
        _subscribe(link, reports, access, until)
        return
    try:
        reports.renew(access, former, until)
    except ThingGoneError:
        _subscribe(link, reports, access, until)
        with suppress(ProviderError):  # else it ends by itself within days, and its reports prove nothing any more
            reports.unsubscribe(access, former)
    else:
        link.subscribed_until = until


def _subscribe(link: CalendarLink, reports: Reports, access: Access, until: datetime) -> None:
    """The secret is stored first: the first report may come before the answer."""
    digest, token = link.digest, Token.new(link.tenant, link.subject)
    link.digest = token.digest
    _store(link)
    try:
        made = reports.subscribe(access, token.spell(), until)
    except ProviderError:
        link.digest = digest  # the former one goes on as long as it lasts
        raise
    _take_over(link, reports, access, made)


def _take_over(link: CalendarLink, reports: Reports, access: Access, made: Subscription) -> None:
    link.subscription, link.subscribed_until, link.heard = made.number, made.until, None
    try:
        _store(link)
    except LostRaceError:  # the link has ended, or somebody else is at it: nobody would know of this one
        with suppress(ProviderError):
            reports.unsubscribe(access, made.number)
        raise


def _store(link: CalendarLink) -> None:
    transaction = Transaction()
    transaction.update(link)
    transaction.commit()
