"""The outbox: what is to be said to whom, and how far it has come."""

from datetime import datetime, timedelta

from pynamodb.attributes import ListAttribute, MapAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.domain.delivery import Delivery
from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days, months
from chalicelib.records._base import SEND
from chalicelib.records._binding import binding
from chalicelib.records._fields import EnumAttribute, InstantAttribute, internal, plain, pseudonym
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref

# Nothing waits to be sent for longer, and no message is kept for less: after that only its end is to come.
UNSENT = timedelta(days=7)
IN_OUTBOX = frozenset({Delivery.WAITING, Delivery.SENDING, Delivery.UNKNOWN})


class Report(MapAttribute[str, object]):
    """One step of a delivery, with the provider's own code."""

    state = UnicodeAttribute()
    at = InstantAttribute()
    provider = UnicodeAttribute()
    code = UnicodeAttribute(null=True)


class Notification(RecordsTable, discriminator="Notification"):
    """One message to one person over one channel. Holds references only; texts and addresses arise at sending."""

    handling = Handling(
        category=Category.COMMUNICATION,
        purposes=(Purpose.NOTIFICATION, Purpose.ACCOUNT),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.ANYONE,
        recipients=(),
        keep=(Keep(months(12), "send_at"), Keep(days(7), "brief_since")),
        then=Then.DELETE,
        because="a message that only carries a link to sign in or confirm is forgotten after a week",
    )

    message = plain(UnicodeAttribute())
    channel = plain(UnicodeAttribute())
    language = plain(UnicodeAttribute())
    about = pseudonym(UnicodeAttribute(null=True))
    about_version = internal(NumberAttribute(null=True), why="which state of the appointment it speaks of")
    send_at = plain(InstantAttribute())
    useless_at = internal(InstantAttribute(null=True), why="from when on it would come too late")
    brief_since = internal(InstantAttribute(null=True), why="since when a message with a link is kept briefly")
    next_at = internal(InstantAttribute(), why="when it is tried next")
    state = plain(EnumAttribute(Delivery))
    attempts = internal(NumberAttribute(default=0), why="counts tries")
    provider = plain(UnicodeAttribute(null=True))
    provider_id = internal(UnicodeAttribute(null=True), why="the provider's number of the message")
    address_index = pseudonym(UnicodeAttribute(null=True))
    reason = plain(UnicodeAttribute(null=True))
    reports = plain(ListAttribute(of=Report, null=True))

    @classmethod
    def ref(cls, tenant: str, subject: str, notification: str) -> "Ref[Notification]":
        """Where it lies: with everything else about the person."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{subject}", f"NOTIFICATION#{notification}")

    @property
    def id(self) -> str:
        """The notification's id."""
        return self.sk.removeprefix("NOTIFICATION#")

    def due(self) -> tuple[str, datetime | None]:
        """While it is in the outbox: the next try. Afterwards, or when nobody tried for a week: its expiry."""
        waits = self.state in IN_OUTBOX and self.next_at + UNSENT > binding.now() and not self.is_absent()
        return (SEND, self.next_at) if waits else super().due()

    def note(self, state: Delivery, *, at: datetime, provider: str, code: str = "") -> None:
        """Adds a step to the history, bounded so that repetition can't grow it."""
        step = Report(state=state.value, at=at, provider=provider, code=code or None)
        self.reports = [*(self.reports or []), step][-20:]
