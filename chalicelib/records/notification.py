"""The outbox: what is to be said to whom, and how far it has come."""

from datetime import datetime

from pynamodb.attributes import ListAttribute, MapAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.domain.delivery import ENDS, Delivery
from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject
from chalicelib.domain.periods import days, months
from chalicelib.records._base import SEND
from chalicelib.records._fields import EnumAttribute, InstantAttribute
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref

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
        purposes=(Purpose.NOTIFICATION,),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.CUSTOMER,
        keep=(Keep(months(12), "send_at"), Keep(days(7), "brief_since")),
        because="a message that only carries a link to sign in or confirm is forgotten after a week",
    )

    message = UnicodeAttribute()
    channel = UnicodeAttribute()
    language = UnicodeAttribute()
    about = UnicodeAttribute(null=True)
    about_version = NumberAttribute(null=True)
    send_at = InstantAttribute()
    useless_at = InstantAttribute(null=True)
    brief_since = InstantAttribute(null=True)
    next_at = InstantAttribute()
    state = EnumAttribute(Delivery)
    attempts = NumberAttribute(default=0)
    provider = UnicodeAttribute(null=True)
    provider_id = UnicodeAttribute(null=True)
    address_index = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    reports = ListAttribute(of=Report, null=True)

    @classmethod
    def ref(cls, tenant: str, subject: str, notification: str) -> "Ref[Notification]":
        """Where it lies: with everything else about the person."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{subject}", f"NOTIFICATION#{notification}")

    @property
    def id(self) -> str:
        """The notification's id."""
        return self.sk.removeprefix("NOTIFICATION#")

    def due(self) -> tuple[str, datetime | None]:
        """While it is in the outbox: the next try. Afterwards: its expiry."""
        return (SEND, self.next_at) if self.state in IN_OUTBOX else super().due()

    def note(self, state: Delivery, *, at: datetime, provider: str, code: str = "") -> None:
        """Adds a step to the history, bounded so that repetition can't grow it."""
        step = Report(state=state.value, at=at, provider=provider, code=code or None)
        self.reports = [*(self.reports or []), step][-20:]

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is expected."""
        return self.state in ENDS
