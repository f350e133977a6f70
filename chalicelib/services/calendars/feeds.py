"""An expert's times as a calendar that other programs subscribe to, under a secret address.

There is none until the expert asks for it. Whoever has the address sees when the expert is busy, and nothing else
unless the expert wants the services named, too; never a customer. A new address ends the old one at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.tokens import Token
from chalicelib.messages.busy_calendar import Busy, busy_calendar
from chalicelib.records.calendar_link import CalendarFeed
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.calendars.importing import ahead
from chalicelib.services.sign_in.sessions import StaffSession

PAST, AHEAD = timedelta(days=7), timedelta(days=186)


@dataclass(frozen=True)
class Feeds:
    """Makes, ends and serves such calendars."""

    clock: Clock

    def held(self, caller: StaffSession) -> CalendarFeed | None:
        """What there is of the caller's own; its address was told once."""
        return fetch(CalendarFeed.ref(caller.tenant, caller.staff), consistent=True)

    def make(self, caller: StaffSession, *, names_services: bool, network: str) -> str:
        """The token of a new address; an old one ends."""
        token = Token.new(caller.tenant, caller.staff)
        persist(lambda: self._make(caller, token, names_services, network))
        return token.spell()

    def _make(self, caller: StaffSession, token: Token, names_services: bool, network: str) -> None:  # noqa: FBT001
        now, ref = self._now(), CalendarFeed.ref(caller.tenant, caller.staff)
        feed = fetch(ref, consistent=True) or CalendarFeed(ref.pk, ref.sk, zone=caller.zone)
        feed.started_at, feed.digest, feed.names_services = now, token.digest, names_services
        transaction = Transaction()
        (transaction.update if feed.version else transaction.create)(feed)
        transaction.create(_entry(caller, Action.CALENDAR_FEED_MADE, now, network))
        transaction.commit()

    def end(self, caller: StaffSession, *, network: str) -> None:
        """The address works no longer."""
        transaction = Transaction()
        transaction.discard(CalendarFeed.ref(caller.tenant, caller.staff))
        transaction.create(_entry(caller, Action.CALENDAR_FEED_ENDED, self._now(), network))
        transaction.commit()

    def serve(self, text: str) -> bytes:
        """The calendar at an address. NotFoundError for whatever is no such address, or not any more."""
        token = Token.read(text)
        feed_ref = CalendarFeed.ref(token.tenant, token.owner) if token else CalendarFeed.ref("", "")
        staff_ref = Staff.ref(token.tenant, token.owner) if token else Staff.ref("", "")
        found = fetch_all([feed_ref, staff_ref])
        feed, staff = found.get(feed_ref), found.get(staff_ref)
        if token is None or feed is None or staff is None or not compare_digest(feed.digest, token.digest):
            raise NotFoundError
        return busy_calendar(self._times(feed), language=staff.language, started_at=feed.started_at)

    def _times(self, feed: CalendarFeed) -> list[Busy]:
        now = self._now()
        every = ahead(feed.tenant, feed.subject, frm=now - PAST, to=now + AHEAD)
        names: dict[str, str] = {}
        if feed.names_services:
            refs = {each.service: Service.ref(feed.tenant, each.service) for each in every}
            found = fetch_all(refs.values())
            names = {id_: service.name for id_, ref in refs.items() if (service := found.get(ref)) is not None}
        return [
            Busy(key=each.id, starts_at=each.starts_at, ends_at=each.ends_at, title=names.get(each.service, ""))
            for each in every
        ]

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _entry(caller: StaffSession, action: Action, at: datetime, network: str) -> LedgerEntry:
    return LedgerEntry.of(caller.tenant, action, at=at, actor=caller.staff, about=caller.staff, network=network)
