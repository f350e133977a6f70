"""What customers pay in advance, and the account that the money goes to."""

from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Counted, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.paying import PaymentState
from chalicelib.domain.periods import days, months, years
from chalicelib.records._base import SETTLE
from chalicelib.records._busy import reading
from chalicelib.records._fields import EnumAttribute, InstantAttribute, Sealed, internal, plain, pseudonym
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref

_SOON = timedelta(minutes=1)  # longer than an index lags behind


class PaymentAccount(RecordsTable, discriminator="PaymentAccount"):
    """A business's own account at the payment provider: its name, and what proves calls in both directions."""

    handling = Handling(
        category=Category.MASTER,
        purposes=(Purpose.PAYMENT,),
        basis=Basis.CONTRACT,
        source=Source.TENANT,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(days(0), "ended_at"),),
        then=Then.DELETE,
    )

    instance = plain(UnicodeAttribute())
    changed_at = plain(InstantAttribute())
    ended_at = plain(InstantAttribute(null=True))
    api_key = Sealed[str]()
    signing_key = Sealed[str]()

    @classmethod
    def ref(cls, tenant: str) -> "Ref[PaymentAccount]":
        """Where that of a tenant lies."""
        return Ref(cls, f"TENANT#{tenant}", "PAYMENT-ACCOUNT")


class Payment(RecordsTable, discriminator="Payment"):
    """The price of one appointment on its way. No word of the payer: what they type, they type at the provider.

    It lies where its appointment does. When that goes over to another person, the provider goes on to know it by the
    id that was current when it was asked for, and it is found by the appointment's.

    What moved money is a voucher: kept ten years from the end of the financial year (Art. 958f CO), and blocked.
    """

    handling = Handling(
        category=Category.PAYMENT,
        purposes=(Purpose.PAYMENT, Purpose.LEGAL_DUTY),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.CUSTOMER,
        recipients=("payrexx",),
        keep=(Keep(months(12), "appointment_ends_at"),),
        then=Then.BLOCK_THEN_DELETE,
        blocked=Keep(years(10), "opened_at", Counted.FROM_END_OF_FINANCIAL_YEAR),
    )

    state = plain(EnumAttribute(PaymentState))
    amount = plain(NumberAttribute())
    currency = plain(UnicodeAttribute())
    opened_at = plain(InstantAttribute())
    appointment_ends_at = plain(InstantAttribute())
    pay_until = plain(InstantAttribute())
    page = pseudonym(UnicodeAttribute(null=True))
    page_link = internal(UnicodeAttribute(null=True), why="where it is paid, for as long as it can be")
    opening_since = internal(InstantAttribute(null=True), why="since when the provider is being asked for the page")
    transfer = pseudonym(UnicodeAttribute(null=True))
    paid_at = plain(InstantAttribute(null=True))
    to_refund = plain(NumberAttribute(default=0))
    refunded = plain(NumberAttribute(default=0))
    next_at = internal(InstantAttribute(null=True), why="when it is looked after next")
    tries = internal(NumberAttribute(default=0), why="counts looks in vain")
    asked_as = internal(UnicodeAttribute(null=True), why="by which entry the provider knows it, once it left that")

    @classmethod
    def ref(cls, tenant: str, customer: str, appointment: str) -> "Ref[Payment]":
        """Where it lies: with everything else about the customer."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{customer}", f"PAYMENT#{appointment}")

    @classmethod
    def gone_over(cls, tenant: str, appointment: str) -> "list[Ref[Payment]]":
        """Where one lies that went over with its appointment: one Query of the lookup index, which lags behind."""
        with reading():
            found = cls.lookup_index.query(f"TENANT#{tenant}#PAYMENT#{appointment}")
            return [Ref(cls, each.pk, each.sk) for each in found]

    def go_over(self, *, frm: str, now: datetime) -> None:
        """It lies with another person from now on: a report may have come meanwhile, so it is looked at once more."""
        first = self.asked_as or frm
        self.asked_as = None if first == self.subject else first
        self.next_at = now + _SOON

    @property
    def asked_of(self) -> str:
        """The id by which the provider knows it, together with that of the appointment."""
        return self.asked_as or self.subject

    def stamp(self) -> None:
        """Expiry and due index, and a way to it from its appointment if it left where the provider knows it."""
        super().stamp()
        self.lookup_pk = f"TENANT#{self.tenant}#PAYMENT#{self.appointment}" if self.asked_as else None
        self.lookup_sk = self.subject if self.asked_as else None

    @property
    def appointment(self) -> str:
        """The id of the appointment that it is for."""
        return self.sk.removeprefix("PAYMENT#")

    def due(self) -> tuple[str, datetime | None]:
        """While something is to come: when it is looked after next. Afterwards its end."""
        waits = self.next_at is not None and not self.is_absent()
        return (SETTLE, self.next_at) if waits else super().due()
