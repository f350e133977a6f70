"""An expert links a calendar of their own.

At Microsoft and Google the expert agrees on a page of theirs and comes back with a code. What they come back with
counts only in the session that began it, once, and for ten minutes. A CalDAV server is tried at once. In all cases the
first look at the calendar is left to the function that looks at all of them, within a minute: whoever waits here waits
for an answer or two of the provider only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    AccessEndedError,
    ConflictError,
    InvalidInputError,
    LinkInvalidError,
    NotAllowedError,
    NotFoundError,
    ProviderError,
    ProviderMisconfiguredError,
    TryAgainError,
)
from chalicelib.domain.ids import new_id
from chalicelib.domain.own_calendars import CALDAV, Access
from chalicelib.records.availability import Availability
from chalicelib.records.calendar_link import CalendarAttempt, CalendarLink, LinkState, random_text
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.calendars.ports import Calendar, Calendars, Consent, Finding
from chalicelib.services.side_by_side import side_by_side
from chalicelib.services.sign_in.sessions import StaffSession

ADDRESS = "address"
MOST = 5
"""How many calendars one expert may link."""

_AGAIN = "Begin anew: the page of the provider is good once, for ten minutes, where you are signed in."


@dataclass(frozen=True)
class CalendarLinking:
    """Links calendars, and says which are linked."""

    clock: Clock
    calendars: Calendars

    def ask(self, caller: StaffSession, name: str, *, network: str) -> str:
        """The page at the provider to go to. NotFoundError when the provider is not set up here."""
        now, oauth = self._now(), self._oauth(name)
        state, verifier = random_text(), random_text()
        ref = CalendarAttempt.ref(caller.tenant, caller.staff, state)
        attempt = CalendarAttempt(ref.pk, ref.sk, zone=caller.zone, calendar=name, started_at=now)
        attempt.session, attempt.verifier = _session(caller), verifier
        transaction = Transaction()
        transaction.create(attempt)
        transaction.create(_entry(caller, Action.CALENDAR_ASKED, now, network))
        transaction.commit()
        return oauth.address(state=state, verifier=verifier)

    def finish(self, caller: StaffSession, *, code: str, state: str, network: str) -> CalendarLink:
        """The link, once the expert came back. LinkInvalidError for a state that is not theirs, or no longer."""
        attempt = self._used_up(caller, state)
        access = _understood(partial(self._oauth(attempt.calendar).exchange, code, attempt.verifier), field="code")
        return self._link(caller, attempt.calendar, access, network)

    def add(self, caller: StaffSession, *, address: str, user: str, password: str, network: str) -> CalendarLink:
        """The link to calendars on a CalDAV server."""
        finding = cast("Finding", self._calendar(CALDAV))
        access = _understood(partial(finding.find, address=address, user=user, password=password), field=ADDRESS)
        return self._link(caller, CALDAV, access, network)

    def listed(self, caller: StaffSession, *, network: str) -> list[CalendarLink]:
        """The caller's own links; noted."""
        transaction = Transaction()
        transaction.create(_entry(caller, Action.CALENDARS_READ, self._now(), network))
        found, _ = side_by_side(lambda: CalendarLink.all_of(caller.tenant, caller.staff), transaction.commit)
        return found

    def refresh(self, caller: StaffSession, link: str, *, network: str) -> CalendarLink:
        """Has a calendar looked at with the next run. ConflictError for one that is broken."""
        return persist(lambda: self._refresh(caller, link, network))

    def _refresh(self, caller: StaffSession, link: str, network: str) -> CalendarLink:
        held, now = needed(caller, link), self._now()
        if held.state is LinkState.BROKEN:
            raise ConflictError("Remove this calendar and link it again.")
        held.next_at = min(held.next_at, now)
        transaction = Transaction()
        transaction.update(held)
        transaction.create(_entry(caller, Action.CALENDAR_REFRESHED, now, network, thing=held.id))
        transaction.commit()
        return held

    def _used_up(self, caller: StaffSession, state: str) -> CalendarAttempt:
        ref = CalendarAttempt.ref(caller.tenant, caller.staff, state)
        attempt = fetch(ref, consistent=True)
        if attempt is None or attempt.session != _session(caller):
            raise LinkInvalidError(_AGAIN)
        transaction = Transaction()
        transaction.delete(attempt)
        try:
            transaction.commit()
        except LostRaceError:
            raise LinkInvalidError(_AGAIN) from None
        return attempt

    def _link(self, caller: StaffSession, name: str, access: Access, network: str) -> CalendarLink:
        return persist(lambda: self._store(caller, name, access, network))

    def _store(self, caller: StaffSession, name: str, access: Access, network: str) -> CalendarLink:
        now = self._now()
        hours = fetch(Availability.ref(caller.tenant, caller.staff), consistent=True)
        if hours is None:
            raise ConflictError("Set your working hours first: only then can you be booked.")
        others = CalendarLink.all_of(caller.tenant, caller.staff)
        if len(others) >= MOST or any(_is_same(each, name, access) for each in others):
            raise ConflictError(f"Remove a calendar first: each can be linked once, and {MOST} in all.")
        hours.linked = True
        ref = CalendarLink.ref(caller.tenant, caller.staff, new_id(now))
        link = CalendarLink(ref.pk, ref.sk, zone=caller.zone, calendar=name, linked_at=now, next_at=now)
        link.state, link.opens = LinkState.CONNECTING, access.plain()
        transaction = Transaction()
        transaction.create(link)
        transaction.update(hours)
        transaction.create(_entry(caller, Action.CALENDAR_LINKED, now, network, thing=link.id))
        transaction.commit()
        return link

    def _oauth(self, name: str) -> Consent:
        oauth = self._calendar(name).oauth
        if oauth is None:
            raise NotFoundError("This calendar is linked with a password.")
        return oauth

    def _calendar(self, name: str) -> Calendar:
        calendar = self.calendars().get(name)
        if calendar is None:
            raise NotFoundError("This installation can't link such calendars.")
        return calendar

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def needed(caller: StaffSession, link: str) -> CalendarLink:
    """A link of the caller's own."""
    held = fetch(CalendarLink.ref(caller.tenant, caller.staff, link), consistent=True)
    if held is None:
        raise NotFoundError("There is no such calendar.")
    return held


def _understood(asking: Callable[[], Access], *, field: str) -> Access:
    """What the provider says, in words for the expert."""
    try:
        return asking()
    except AccessEndedError:
        remedy = "The calendar does not let us in: check user and password, or begin anew."
        raise InvalidInputError(remedy, field=field) from None
    except ProviderMisconfiguredError:
        raise InvalidInputError(
            "There is no calendar that can be linked: check the address, and that it begins with https://.", field=field
        ) from None
    except ProviderError:
        if field == ADDRESS:  # whoever names a server may have named one that is not there
            remedy = "There is no answer: check the address, or try again later."
            raise InvalidInputError(remedy, field=field) from None
        raise TryAgainError(retry_after=30) from None


def _is_same(link: CalendarLink, name: str, access: Access) -> bool:
    """Whether it leads to the same account; what a token leads to is not known here."""
    held = link.access
    return link.calendar == name and bool(access.user) and (held.user, held.address) == (access.user, access.address)


def _session(caller: StaffSession) -> str:
    if caller.session is None:
        raise NotAllowedError("Only people link calendars, signed in.")
    return caller.session.sk


def _entry(
    caller: StaffSession, action: Action, at: datetime, network: str, *, thing: str | None = None
) -> LedgerEntry:
    who = caller.staff
    return LedgerEntry.of(caller.tenant, action, at=at, actor=who, about=who, thing=thing, network=network)
