"""The business that uses the product."""

from datetime import datetime

from pynamodb.attributes import BooleanAttribute, JSONAttribute, UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.domain.tenancy import Tenancy
from chalicelib.records._base import TENANCY
from chalicelib.records._fields import InstantAttribute, Sealed, internal, plain
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref


class Tenant(RecordsTable, discriminator="Tenant"):
    """A business with its postal address, as given at registration. Kept while the contract runs."""

    handling = Handling(
        category=Category.MASTER,
        purposes=(Purpose.ACCOUNT, Purpose.APPOINTMENT, Purpose.NOTIFICATION),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.STAFF,
        recipients=("mailgun", "ses", "twilio", "smsapi"),
        keep=(Keep(days(0), "closes_at"), Keep(days(7), "unconfirmed_since")),
        then=Then.DELETE,
        because="an account whose address was never confirmed is dropped after a week; after the trial or a"
        " cancellation everything can be read and exported for 30 days; messages to customers name the business and how"
        " to reach it",
    )

    language = plain(UnicodeAttribute())
    country = plain(UnicodeAttribute())
    registered_at = plain(InstantAttribute())
    unconfirmed_since = plain(InstantAttribute(null=True))
    ended_at = plain(InstantAttribute(null=True))
    trial_ends_at = plain(InstantAttribute(null=True))
    cancelled_at = plain(InstantAttribute(null=True))
    plan = plain(UnicodeAttribute(null=True))
    second_factor_required = plain(BooleanAttribute(default=False))
    told_until = internal(
        InstantAttribute(null=True), why="up to which notice its admins heard of the end of the trial"
    )
    ending = internal(JSONAttribute(null=True), why="counts of what was brought to its end with the business so far")
    company = Sealed[str]()
    street = Sealed[str]()
    postal_code = Sealed[str]()
    city = Sealed[str]()
    contact_mail = Sealed[str]()
    contact_phone = Sealed[str]()

    @classmethod
    def ref(cls, tenant: str) -> "Ref[Tenant]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}", "TENANT")

    @property
    def closes_at(self) -> datetime | None:
        """When it ends, and everything with it: from then on it is absent for everybody."""
        return self.tenancy.closes_at

    @property
    def tenancy(self) -> Tenancy:
        """What decides where it stands."""
        return Tenancy(trial_ends_at=self.trial_ends_at, cancelled_at=self.cancelled_at, plan=self.plan)

    def due(self) -> tuple[str, datetime | None]:
        """The next notice of its end, or the end itself; the sweep comes once all that belongs to it was ended."""
        if self.unconfirmed_since is not None or self.ended_at is not None:
            return super().due()
        return TENANCY, self.tenancy.next_step(told=self.told_until)

    def stamp(self) -> None:
        """DynamoDB must not remove it by itself before everything that belongs to it was brought to its end."""
        super().stamp()
        if self.unconfirmed_since is None and self.ended_at is None:
            self.ttl = None
