"""Held, moved and cancelled appointments."""

from datetime import datetime
from enum import Enum

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days, months
from chalicelib.domain.terms import Place
from chalicelib.records._base import LAPSE
from chalicelib.records._fields import EnumAttribute, InstantAttribute, Sealed, internal, plain, pseudonym
from chalicelib.records._tables import RecordsTable
from chalicelib.records.participation import sortable, starting
from chalicelib.records.reading import Ref, latest, query


class State(Enum):
    """Where an appointment stands."""

    UNPAID = "unpaid"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    LAPSED = "lapsed"

    @property
    def holds_time(self) -> bool:
        """Whether it stands in the day sheets."""
        return self in {State.UNPAID, State.PENDING, State.CONFIRMED}

    @property
    def waits(self) -> bool:
        """Whether it lapses by itself unless somebody pays or confirms."""
        return self in {State.UNPAID, State.PENDING}


class Appointment(RecordsTable, discriminator="Appointment"):
    """One appointment of one customer with one expert, with the contact data given for it."""

    handling = Handling(
        category=Category.COMMUNICATION,
        purposes=(Purpose.APPOINTMENT, Purpose.NOTIFICATION),
        basis=Basis.CONTRACT,
        source=Source.EITHER,
        about=Subject.CUSTOMER,
        recipients=("mailgun", "ses", "twilio", "smsapi"),
        keep=(Keep(months(12), "ends_at"), Keep(days(7), "expert_left_at")),
        then=Then.DELETE,
    )

    service = plain(UnicodeAttribute())
    expert = pseudonym(UnicodeAttribute())
    others = pseudonym(UnicodeSetAttribute(null=True))  # the experts who take part, too
    agreed = pseudonym(UnicodeSetAttribute(null=True))  # those of all experts who have agreed to it as it stands
    earlier = pseudonym(JSONAttribute(null=True))  # [expert, until when] for those who handed it over
    resources = internal(UnicodeSetAttribute(null=True), why="the rooms and devices that it occupies")
    state = plain(EnumAttribute(State))
    starts_at = plain(InstantAttribute())
    ends_at = plain(InstantAttribute())
    blocked_from = internal(InstantAttribute(), why="room around the appointment in the expert's day")
    blocked_until = internal(InstantAttribute(), why="room around the appointment in the expert's day")
    booked_at = plain(InstantAttribute())
    changed_at = plain(InstantAttribute())
    sequence = internal(NumberAttribute(default=0), why="counts changes, so that old links end")
    group = internal(NumberAttribute(default=0), why="which appointments of other people share its time")
    series = internal(UnicodeAttribute(null=True), why="which appointments were booked together with it")
    lapses_at = plain(InstantAttribute(null=True))
    price = plain(NumberAttribute(null=True))
    currency = plain(UnicodeAttribute(null=True))
    paid_at = plain(InstantAttribute(null=True))
    place = plain(EnumAttribute(Place, default=lambda: Place.ON_SITE))
    no_show_at = plain(InstantAttribute(null=True))
    booked_by = pseudonym(UnicodeAttribute(null=True))  # the staff member who entered it
    answers = internal(UnicodeSetAttribute(null=True), why="which questions were answered for it")
    language = plain(UnicodeAttribute())
    customer_zone = plain(UnicodeAttribute())
    mail_wanted = plain(BooleanAttribute(default=True))
    sms_wanted = plain(BooleanAttribute(default=False))
    expert_left_at = internal(
        InstantAttribute(null=True), why="since when it is cancelled because the expert left, and kept to say so"
    )
    unsent = internal(UnicodeSetAttribute(null=True), why="which reminders are waiting")
    given_name = Sealed[str]()
    family_name = Sealed[str]()
    email = Sealed[str]()
    phone = Sealed[str | None]()
    address = Sealed[str | None]()
    note = Sealed[str | None]()  # of the business, for itself

    @classmethod
    def ref(cls, tenant: str, customer: str, appointment: str) -> "Ref[Appointment]":
        """Where it lies: with everything else about the customer."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{customer}", f"APPOINTMENT#{appointment}")

    @classmethod
    def of_expert(
        cls, tenant: str, expert: str, *, frm: datetime, to: datetime, after: str = "", most: int | None = None
    ) -> "list[Appointment]":
        """The appointments of an expert that start in a range, as `starting`."""
        return starting(cls, f"TENANT#{tenant}#EXPERT#{expert}", frm=frm, to=to, after=after, most=most)

    @classmethod
    def of_series(cls, tenant: str, customer: str, series: str) -> "list[Appointment]":
        """What a customer booked together, in order of time, as it stands this very moment."""
        mine = cls.sk.startswith("APPOINTMENT#")
        found = query(cls, f"TENANT#{tenant}#SUBJECT#{customer}", mine, consistent=True)
        return sorted((each for each in found if each.series == series), key=lambda each: each.starts_at)

    @classmethod
    def all_of(cls, tenant: str, customer: str) -> "list[Appointment]":
        """Those of a customer, the first entered first."""
        return query(cls, f"TENANT#{tenant}#SUBJECT#{customer}", cls.sk.startswith("APPOINTMENT#"))

    @classmethod
    def latest(cls, tenant: str, customer: str, *, before: str, most: int) -> "list[Appointment]":
        """The last ones that a customer has, or those that were entered before one, as `reading.latest`."""
        return latest(cls, f"TENANT#{tenant}#SUBJECT#{customer}", "APPOINTMENT#", before=before, most=most)

    @property
    def id(self) -> str:
        """The appointment's id."""
        return self.sk.removeprefix("APPOINTMENT#")

    def came_from(self) -> Source:
        """The business where staff entered it, otherwise the person who booked."""
        return Source.TENANT if self.booked_by else Source.SUBJECT

    @property
    def calendars(self) -> tuple[str, ...]:
        """Whose day sheets it stands in: experts' and resources'."""
        return (self.expert, *sorted(self.others or ()), *sorted(self.resources or ()))

    def give_to(self, expert: str, at: datetime) -> None:
        """Hands it over to another expert; from the earlier ones follows in whose lists it stood."""
        self.earlier = [*(self.earlier or ()), [self.expert, int(at.timestamp())]]
        self.disagree(self.expert)
        self.expert = expert

    def disagree(self, expert: str) -> None:
        """What an expert agreed to does not count any more."""
        self.agreed = set(self.agreed or ()) - {expert} or None

    def due(self) -> tuple[str, datetime | None]:
        """While it waits to be paid or confirmed: when it lapses. Afterwards its expiry."""
        return (LAPSE, self.lapses_at) if self.state.waits and not self.is_absent() else super().due()

    def stamp(self) -> None:
        """Expiry and due index, and the place in the expert's list."""
        super().stamp()
        self.lookup_pk = f"TENANT#{self.tenant}#EXPERT#{self.expert}"
        self.lookup_sk = f"{sortable(self.starts_at)}#{self.id}"
