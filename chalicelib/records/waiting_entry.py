"""Who waits for a time of a service to become free."""

from datetime import date, datetime

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.domain.waiting import Waiting
from chalicelib.records._busy import reading
from chalicelib.records._fields import InstantAttribute, Sealed, internal, plain, pseudonym
from chalicelib.records._tables import LookupIndex, RecordsTable
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.reading import Ref

_A_FEW = 25  # at a time: what one cheap read brings


class WaitingListEntry(RecordsTable, discriminator="WaitingListEntry"):
    """The place of one customer on the waiting list of one service, in order of joining.

    `offered` is the freed time that is kept for them until `offered_until`; `serial` counts such offers, so that the
    links of an old one end. `passed` are the slots that they were offered before.
    """

    handling = Handling(
        category=Category.COMMUNICATION,
        purposes=(Purpose.APPOINTMENT, Purpose.NOTIFICATION),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.CUSTOMER,
        recipients=("mailgun", "ses", "twilio", "smsapi"),
        keep=(Keep(days(0), "until"),),
        then=Then.DELETE,
    )

    service = plain(UnicodeAttribute())
    expert = pseudonym(UnicodeAttribute(null=True))
    first_day = plain(UnicodeAttribute())
    last_day = plain(UnicodeAttribute())
    weekdays = plain(JSONAttribute(default=list))
    earliest = plain(NumberAttribute())
    latest = plain(NumberAttribute())
    customer_zone = plain(UnicodeAttribute())
    language = plain(UnicodeAttribute())
    sms_wanted = plain(BooleanAttribute(default=False))
    joined_at = plain(InstantAttribute())
    turn = internal(UnicodeAttribute(), why="the order in which they joined, finer than seconds")
    until = plain(InstantAttribute())
    offered = internal(UnicodeAttribute(null=True), why="which freed time is kept for them")
    offered_slot = internal(UnicodeAttribute(null=True), why="which slot that is")
    offered_until = plain(InstantAttribute(null=True))
    serial = internal(NumberAttribute(default=0), why="counts offers, so that old links end")
    passed = internal(UnicodeSetAttribute(null=True), why="which slots they were offered before")
    given_name = Sealed[str]()
    family_name = Sealed[str]()
    email = Sealed[str]()
    phone = Sealed[str | None]()

    @classmethod
    def ref(cls, tenant: str, customer: str, service: str) -> "Ref[WaitingListEntry]":
        """Where it lies: with everything else about the customer, who waits for a service once."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{customer}", f"WAITING#{service}")

    @classmethod
    def queue(cls, tenant: str, service: str) -> "list[WaitingListEntry]":
        """Those who wait for a service, in order of joining: one Query of the lookup index."""
        with reading():
            found = cls.lookup_index.query(f"TENANT#{tenant}#WAITING#{service}")
            return [each for each in found if isinstance(each, cls) and not each.is_absent()]

    @classmethod
    def page(cls, tenant: str, service: str, *, after: str, most: int) -> "tuple[list[WaitingListEntry], str]":
        """The first `most` who wait for a service behind a turn, and the last turn when there are more."""
        behind = LookupIndex.lookup_sk > after if after else None
        with reading():
            asked = cls.lookup_index.query(f"TENANT#{tenant}#WAITING#{service}", behind, limit=most + 1)
            found = [each for each in asked if isinstance(each, cls)]
        rest = str(found[most - 1].lookup_sk) if len(found) > most else ""
        return [each for each in found[:most] if not each.is_absent()], rest

    @classmethod
    def is_awaited(cls, freed: FreedTime) -> bool:
        """Whether somebody waits for such a time; a Query of the lookup index that ends with the first who does."""
        with reading():
            found = cls.lookup_index.query(f"TENANT#{freed.tenant}#WAITING#{freed.service}", page_size=_A_FEW)
            return any(isinstance(each, cls) and not each.is_absent() and each.may_want(freed) for each in found)

    @property
    def waiting(self) -> Waiting:
        """What they wait for."""
        return Waiting(
            first=date.fromisoformat(self.first_day),
            last=date.fromisoformat(self.last_day),
            zone=self.customer_zone,
            expert=self.expert,
            weekdays=frozenset(self.weekdays),
            earliest=int(self.earliest),
            latest=int(self.latest),
        )

    @waiting.setter
    def waiting(self, waiting: Waiting) -> None:
        self.first_day, self.last_day = waiting.first.isoformat(), waiting.last.isoformat()
        self.weekdays, self.expert = sorted(waiting.weekdays), waiting.expert
        self.earliest, self.latest, self.customer_zone = waiting.earliest, waiting.latest, waiting.zone

    def may_want(self, freed: FreedTime) -> bool:
        """Whether it is what they wait for, and they did not let that slot pass before."""
        if self.restricted_since is not None:
            return False
        passed = {*(self.passed or ()), self.offered_slot}
        return freed.slot not in passed and self.waiting.fits(freed.starts_at, expert=freed.expert)

    def has_offer(self, now: datetime) -> bool:
        """Whether a time is kept for them."""
        return self.offered_until is not None and self.offered_until > now

    def offer(self, freed: FreedTime, until: datetime) -> None:
        """Keeps a time for them. What was offered to them earlier is so no more."""
        self.let_pass()
        self.offered, self.offered_slot, self.offered_until = freed.id, freed.slot, until
        self.serial = int(self.serial) + 1

    def let_pass(self) -> None:
        """What was kept for them is so no more, and is not offered to them again."""
        if self.offered_slot is not None:
            self.passed = {*(self.passed or ()), self.offered_slot}
        self.offered = self.offered_slot = self.offered_until = None

    def stamp(self) -> None:
        """Expiry and due index, and the place in the queue."""
        super().stamp()
        self.lookup_pk = f"TENANT#{self.tenant}#WAITING#{self.service}"
        self.lookup_sk = self.turn
