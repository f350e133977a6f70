"""Several times that an expert proposes to a customer, who takes one of them."""

from datetime import datetime
from enum import Enum
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._base import OFFER
from chalicelib.records._busy import reading
from chalicelib.records._fields import EnumAttribute, InstantAttribute, Sealed, internal, plain, pseudonym
from chalicelib.records._tables import LookupIndex, RecordsTable
from chalicelib.records.participation import sortable
from chalicelib.records.reading import Ref


class ProposalState(Enum):
    """Where a proposal stands."""

    OPEN = "open"
    CHOSEN = "chosen"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Proposal(RecordsTable, discriminator="Proposal"):
    """What is proposed, until when; all times stand in the day sheets under its id, each until it begins.

    `held` says where: {"starts_at", "from", "to", "calendars", "group"} a time, from and to in minutes since 1970.
    """

    handling = Handling(
        category=Category.COMMUNICATION,
        purposes=(Purpose.APPOINTMENT, Purpose.NOTIFICATION),
        basis=Basis.CONTRACT,
        source=Source.TENANT,
        about=Subject.CUSTOMER,
        recipients=("mailgun", "ses"),
        keep=(Keep(days(30), "until"),),
        then=Then.DELETE,
    )

    service = plain(UnicodeAttribute())
    expert = pseudonym(UnicodeAttribute())
    duration = plain(NumberAttribute())
    times = plain(JSONAttribute())
    held = internal(JSONAttribute(), why="where the times stand in the day sheets")
    state = plain(EnumAttribute(ProposalState))
    made_at = plain(InstantAttribute())
    made_by = pseudonym(UnicodeAttribute())
    until = plain(InstantAttribute())
    chosen = plain(InstantAttribute(null=True))
    appointment = pseudonym(UnicodeAttribute(null=True))
    note = Sealed[str | None]()

    @classmethod
    def ref(cls, tenant: str, customer: str, proposal: str) -> "Ref[Proposal]":
        """Where it lies: with everything else about the customer."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{customer}", f"PROPOSAL#{proposal}")

    @classmethod
    def of_expert(cls, tenant: str, expert: str) -> "list[Proposal]":
        """Those of an expert, the newest first: one Query of the lookup index."""
        with reading():
            found = cls.lookup_index.query(f"TENANT#{tenant}#EXPERT#{expert}#PROPOSALS", scan_index_forward=False)
            return [each for each in found if isinstance(each, cls) and not each.is_absent()]

    @classmethod
    def page(cls, tenant: str, expert: str, *, before: str, most: int) -> "tuple[list[Proposal], str]":
        """The last `most` of an expert before a place, the newest first, and the last one's place if there are more."""
        ahead = LookupIndex.lookup_sk < before if before else None
        listed = f"TENANT#{tenant}#EXPERT#{expert}#PROPOSALS"
        with reading():
            asked = cls.lookup_index.query(listed, ahead, scan_index_forward=False, limit=most + 1)
            found = [each for each in asked if isinstance(each, cls)]
        rest = str(found[most - 1].lookup_sk) if len(found) > most else ""
        return [each for each in found[:most] if not each.is_absent()], rest

    @property
    def id(self) -> str:
        """The proposal's id, under which its times are held."""
        return self.sk.removeprefix("PROPOSAL#")

    @property
    def places(self) -> list[dict[str, Any]]:
        """What is held, in order of time."""
        return sorted(self.held, key=lambda each: str(each["starts_at"]))

    def is_open(self, now: datetime) -> bool:
        """Whether a time can be chosen."""
        return self.state is ProposalState.OPEN and now < self.until

    def starts(self, now: datetime) -> list[datetime]:
        """The proposed times that still lie ahead, in order."""
        proposed = sorted(datetime.fromisoformat(each) for each in self.times)
        return [each for each in proposed if each > now]

    def due(self) -> tuple[str, datetime | None]:
        """While it is open: its end. Afterwards its expiry."""
        waits = self.state is ProposalState.OPEN and not self.is_absent()
        return (OFFER, self.until) if waits else super().due()

    def stamp(self) -> None:
        """Expiry and due index, and the place in the expert's list."""
        super().stamp()
        self.lookup_pk = f"TENANT#{self.tenant}#EXPERT#{self.expert}#PROPOSALS"
        self.lookup_sk = f"{sortable(self.made_at)}#{self.id}"
