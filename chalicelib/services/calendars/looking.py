"""A look at one linked calendar: what is taken comes in, and what changes of it is reported from now on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import AccessEndedError, ProviderError, ThingGoneError
from chalicelib.domain.own_calendars import Access, Span, stretch
from chalicelib.records.availability import Availability
from chalicelib.records.calendar_link import CalendarLink, LinkState
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch_all
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.calendars.further import look_further
from chalicelib.services.calendars.importing import Importing, LinkChangedError
from chalicelib.services.calendars.ports import Calendar, Calendars, Zones
from chalicelib.services.calendars.reaching import may_be_stale, opened, put_off
from chalicelib.services.calendars.reported import keep_reported, next_look
from chalicelib.services.calendars.telling import tell_all
from chalicelib.services.calendars.unlinking import Unlinking
from chalicelib.services.outbox import notify_staff

CLAIMED = timedelta(minutes=15)  # longer than a run can last
BROKEN = "calendar-broken"
_BEFORE_THE_END = timedelta(days=1)


@dataclass(frozen=True)
class Looking:
    """Looks at calendars."""

    clock: Clock
    calendars: Calendars
    importing: Importing
    unlinking: Unlinking

    def look(self, link: CalendarLink, *, may_go_on: Callable[[], bool] = lambda: True) -> bool:
        """Whether it was looked at, and not by somebody else at this very moment.

        What went wrong at the provider is noted on the link, and raised for whoever counts.
        """
        now = self.clock().replace(microsecond=0)
        calendar = self.calendars().get(link.calendar)
        if link.next_at > now or not _claimed(link, now) or calendar is None:
            return False
        hours_ref, tenant_ref = Availability.ref(link.tenant, link.subject), Tenant.ref(link.tenant)
        found = fetch_all([hours_ref, tenant_ref], consistent=True)
        hours, tenant = found.get(hours_ref), found.get(tenant_ref)
        if hours is None or tenant is None or _is_ending(tenant, now):
            self.unlinking.unlink_all(link.tenant, link.subject, actor=None, network=None)
            return False
        try:
            self._look(link, calendar, zones_of(hours), now, may_go_on)
        except (LinkChangedError, LostRaceError):
            return False
        return True

    def _look(
        self, link: CalendarLink, calendar: Calendar, zones: Zones, now: datetime, may_go_on: Callable[[], bool]
    ) -> None:
        try:
            access = opened(link, calendar, now=now)
            if calendar.reports is not None:
                keep_reported(link, calendar.reports, access, now)
            take_in = partial(self._take_in, link, partial(calendar.busy, access, zones=zones), now)
            take_in(0)
            _keep_ours(link, calendar, access, now)
            look_further(link, take_in, now, may_go_on=may_go_on)
        except AccessEndedError as error:
            self._refused(link, calendar, error, now)
        except ProviderError as error:
            put_off(link, error, now=now)
            _store(link)
            raise
        else:
            link.state, link.trouble, link.failures, link.synced_at = LinkState.WORKING, None, 0, now
            link.next_at = next_look(link, now)
            _store(link)

    def _take_in(self, link: CalendarLink, busy: Callable[..., list[Span]], now: datetime, at: int) -> None:
        first, last = stretch(now, at)
        begins, ends = (datetime.combine(each, time(), UTC) for each in (first, last + timedelta(days=1)))
        self.importing.take_in(link, busy(frm=begins, to=ends), first, last)

    def _refused(self, link: CalendarLink, calendar: Calendar, error: AccessEndedError, now: datetime) -> None:
        """Tries once more with a fresh token; then it is broken, and the expert is told."""
        if may_be_stale(link, error, calendar):
            link.opens = replace(link.access, until=None).plain()
            put_off(link, error, now=now)
            _store(link)
            return
        link.state, link.trouble, link.opens = LinkState.BROKEN, error.code, {"token": ""}
        transaction = Transaction()
        transaction.update(link)
        transaction.create(
            LedgerEntry.of(link.tenant, Action.CALENDAR_BROKEN, at=now, about=link.subject, thing=link.id)
        )
        staff = fetch_all([ref := Staff.ref(link.tenant, link.subject)], consistent=True).get(ref)
        if staff is not None:
            notify_staff(
                transaction,
                tenant=link.tenant,
                staff=link.subject,
                message=BROKEN,
                language=staff.language,
                zone=staff.own_zone or staff.zone,
                about=link.id,
                now=now,
            )
        transaction.commit()


def zones_of(hours: Availability) -> Zones:
    """Where the expert lives on a date."""
    rules = hours.rules()
    return lambda day: ZoneInfo(rules.zone_on(day))


def _keep_ours(link: CalendarLink, calendar: Calendar, access: Access, now: datetime) -> None:
    """Sees to it that there is a calendar of ours with all that lies ahead."""
    if link.own_calendar is None:
        link.own_calendar = calendar.create_own(access, link.id)
        _store(link)
    if not link.told:
        try:
            count = tell_all(link, calendar, access, now=now)
        except ThingGoneError:
            link.own_calendar = None  # somebody deleted it there; the next look makes another
            raise
        link.told = True
        transaction = Transaction()
        transaction.update(link)
        transaction.create(
            LedgerEntry.of(
                link.tenant,
                Action.CALENDAR_TOLD,
                at=now,
                about=link.subject,
                thing=link.id,
                processor=link.calendar,
                counts={"Appointment": count},
            )
        )
        transaction.commit()


def _claimed(link: CalendarLink, now: datetime) -> bool:
    link.next_at = now + CLAIMED
    try:
        _store(link)
    except LostRaceError:
        return False
    return True


def _store(link: CalendarLink) -> None:
    transaction = Transaction()
    transaction.update(link)
    transaction.commit()


def _is_ending(tenant: Tenant, now: datetime) -> bool:
    """Whether the business ends within a day: then its calendars are parted with while there is time to."""
    return tenant.closes_at is not None and tenant.closes_at <= now + _BEFORE_THE_END
