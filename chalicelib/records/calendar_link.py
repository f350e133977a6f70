"""Links to experts' own calendars, from the moment one is asked for until the provider has been told of its end."""

import secrets
from datetime import datetime
from enum import Enum
from hashlib import sha256

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.own_calendars import Access
from chalicelib.domain.periods import days, hours, minutes
from chalicelib.records._base import SYNC
from chalicelib.records._fields import EnumAttribute, InstantAttribute, Sealed, internal, plain, pseudonym
from chalicelib.records._tables import RecordsTable, TransientTable
from chalicelib.records.reading import Ref, query

LINK, PARTING = "CALENDAR-LINK#", "CALENDAR-PARTING#"
_OPENS = "whoever read it in an answer could open the calendar with it"


class LinkState(Enum):
    """Where a link stands."""

    CONNECTING = "connecting"
    WORKING = "working"
    BROKEN = "broken"


class CalendarLink(RecordsTable, discriminator="CalendarLink"):
    """A calendar of an expert's own: what opens it, and when it is looked at next. Nothing of what stands in it.

    One that no longer lets us in is broken: what opened it is thrown away, and nobody tries any more.
    """

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(days(0), "left_at"),),
        then=Then.DELETE,
    )

    calendar = plain(UnicodeAttribute())
    state = plain(EnumAttribute(LinkState))
    trouble = internal(UnicodeAttribute(null=True), why="the provider's code of what went wrong last")
    linked_at = plain(InstantAttribute())
    synced_at = plain(InstantAttribute(null=True))
    left_at = plain(InstantAttribute(null=True))
    next_at = internal(InstantAttribute(), why="when it is looked at next")
    failures = internal(NumberAttribute(default=0), why="how often in a row it could not be reached")
    told = internal(BooleanAttribute(default=False), why="whether all that lies ahead was written into it")
    subscription = internal(UnicodeAttribute(null=True), why="what changes of the calendar are reported under")
    subscribed_until = internal(InstantAttribute(null=True), why="until when they are")
    refused_at = internal(InstantAttribute(null=True), why="when the provider last would not report changes")
    digest = internal(UnicodeAttribute(null=True), why="the hash of a random secret, by which a report proves itself")
    heard = internal(UnicodeAttribute(null=True), why="by which channel and number the last report came")
    further = internal(NumberAttribute(default=1), why="which stretch of the time far ahead is looked at next")
    further_at = internal(InstantAttribute(null=True), why="when the time far ahead is looked at next")
    opens = Sealed[dict[str, str]](access=False, export=False, why=_OPENS)  # tokens, or address, user and password
    own_calendar = Sealed[str | None](access=False, export=False, why="the number of our calendar there")

    @classmethod
    def ref(cls, tenant: str, staff: str, link: str) -> "Ref[CalendarLink]":
        """Where it lies: with everything else about the expert."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{staff}", f"{LINK}{link}")

    @classmethod
    def all_of(cls, tenant: str, staff: str) -> "list[CalendarLink]":
        """Those of an expert."""
        begins: Condition = cls.sk.startswith(LINK)
        return query(cls, f"TENANT#{tenant}#SUBJECT#{staff}", begins, consistent=True)

    @property
    def id(self) -> str:
        """Its id."""
        return self.sk.removeprefix(LINK)

    @property
    def access(self) -> Access:
        """What opens the calendar."""
        return Access.of(self.opens)

    def due(self) -> tuple[str, datetime | None]:
        """When it is looked at next; nobody looks at what is broken."""
        stays = self.is_absent() or self.state is LinkState.BROKEN
        return super().due() if stays else (SYNC, self.next_at)


class CalendarAttempt(TransientTable, discriminator="CalendarAttempt"):
    """That somebody went to a provider to link a calendar: found by the hash of a random number, and good for once."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SECURITY,),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(minutes(10), "started_at"),),
        then=Then.DELETE,
        because="ten minutes are enough to agree at the provider",
    )

    calendar = plain(UnicodeAttribute())
    started_at = plain(InstantAttribute())
    session = internal(UnicodeAttribute(), why="the hash of the session that it began in, and has to end in")
    verifier = Sealed[str](access=False, export=False, why="a random number that proves to the provider who began it")

    @classmethod
    def ref(cls, tenant: str, staff: str, state: str) -> "Ref[CalendarAttempt]":
        """Where the one lies that this random number was made for."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{staff}", f"CALENDAR-ATTEMPT#{sha256(state.encode()).hexdigest()}")


class CalendarParting(RecordsTable, discriminator="CalendarParting"):
    """A link that has ended, until the provider was told and no busy time of it is left; lies with the business."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.APPOINTMENT, Purpose.SECURITY),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(hours(24), "at"),),
        then=Then.DELETE,
        because="a provider that does not answer for a day is not told: without a token of ours nothing is read there",
    )

    calendar = plain(UnicodeAttribute())
    at = plain(InstantAttribute())
    expert = pseudonym(UnicodeAttribute())
    next_at = internal(InstantAttribute(), why="when the provider is told next")
    failures = internal(NumberAttribute(default=0), why="how often in a row it could not be reached")
    trouble = internal(UnicodeAttribute(null=True), why="the provider's code of what went wrong last")
    subscription = internal(UnicodeAttribute(null=True), why="what changes of the calendar are reported under")
    opens = Sealed[dict[str, str]](access=False, export=False, why=_OPENS)
    own_calendar = Sealed[str | None](access=False, export=False, why="as on the link")

    @classmethod
    def of(cls, link: CalendarLink, *, at: datetime) -> "CalendarParting":
        """What is still needed of a link that ends now."""
        parting = cls(f"TENANT#{link.tenant}", f"{PARTING}{link.id}", zone=link.zone, at=at, next_at=at)
        parting.calendar, parting.expert, parting.subscription = link.calendar, link.subject, link.subscription
        parting.opens, parting.own_calendar = link.opens, link.own_calendar
        return parting

    @classmethod
    def ref(cls, tenant: str, link: str) -> "Ref[CalendarParting]":
        """Where it lies: with the business, since the expert may be gone."""
        return Ref(cls, f"TENANT#{tenant}", f"{PARTING}{link}")

    @property
    def link(self) -> str:
        """The id that the link had."""
        return self.sk.removeprefix(PARTING)

    @property
    def access(self) -> Access:
        """What opens the calendar."""
        return Access.of(self.opens)

    def due(self) -> tuple[str, datetime | None]:
        """When the provider is told next, as long as anybody tries."""
        return super().due() if self.is_absent() else (SYNC, self.next_at)


class CalendarFeed(RecordsTable, discriminator="CalendarFeed"):
    """That an expert's times can be subscribed to under a secret address, of which only the hash is stored."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(days(0), "left_at"),),
        then=Then.DELETE,
    )

    started_at = plain(InstantAttribute())
    names_services = plain(BooleanAttribute(default=False))
    left_at = plain(InstantAttribute(null=True))
    digest = internal(UnicodeAttribute(), why="the hash of a random secret, by which the address is recognised")

    @classmethod
    def ref(cls, tenant: str, staff: str) -> "Ref[CalendarFeed]":
        """Where it lies: with everything else about the expert."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{staff}", "CALENDAR-FEED")


def random_text() -> str:
    """A random number that nobody guesses, as text for addresses."""
    return secrets.token_urlsafe(32)
