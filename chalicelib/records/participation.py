"""The place of an appointment in the lists of the experts who take part beside the first one."""

from datetime import datetime
from itertools import islice
from typing import TypeVar

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days, months
from chalicelib.records._busy import reading
from chalicelib.records._fields import InstantAttribute, internal, pseudonym
from chalicelib.records._tables import LookupIndex, RecordsTable
from chalicelib.records.reading import Ref

R = TypeVar("R", bound=RecordsTable)


class Participation(RecordsTable, discriminator="Participation"):
    """Leads from one more expert's list to the appointment, and lives as long as that."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.CUSTOMER,
        recipients=(),
        keep=(Keep(months(12), "ends_at"), Keep(days(7), "expert_left_at")),
        then=Then.DELETE,
    )

    expert = pseudonym(UnicodeAttribute())
    starts_at = internal(InstantAttribute(), why="that of the appointment, by which lists are in order")
    ends_at = internal(InstantAttribute(), why="that of the appointment, from which its period counts")
    expert_left_at = internal(InstantAttribute(null=True), why="as on the appointment")

    @classmethod
    def ref(cls, tenant: str, customer: str, appointment: str, expert: str) -> "Ref[Participation]":
        """Where it lies: beside the appointment."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{customer}", f"PARTICIPATION#{appointment}#{expert}")

    @classmethod
    def of_expert(
        cls, tenant: str, expert: str, *, frm: datetime, to: datetime, after: str = "", most: int | None = None
    ) -> "list[Participation]":
        """Those of an expert that start in a range, as `starting`."""
        return starting(cls, f"TENANT#{tenant}#EXPERT#{expert}#ALSO", frm=frm, to=to, after=after, most=most)

    @property
    def appointment(self) -> str:
        """The appointment's id."""
        return self.sk.split("#")[1]

    def stamp(self) -> None:
        """Expiry and due index, and the place in the expert's list."""
        super().stamp()
        self.lookup_pk = f"TENANT#{self.tenant}#EXPERT#{self.expert}#ALSO"
        self.lookup_sk = f"{sortable(self.starts_at)}#{self.appointment}"


def starting(kind: type[R], listed: str, *, frm: datetime, to: datetime, after: str, most: int | None) -> list[R]:
    """What starts in a range, in order: one Query of the lookup index, under its key `listed`.

    Only what stands behind the place `after` in the list, and the first `most` of it.
    """
    # A place is `<start>#<id>`: what starts at `to` sorts behind the bare `<to>` and stays out.
    range_asked = LookupIndex.lookup_sk.between(max(after, sortable(frm)), max(after, sortable(to)))
    with reading():
        found = kind.lookup_index.query(listed, range_asked, page_size=most)
        behind = (each for each in found if isinstance(each, kind) and each.lookup_sk != after)
        return list(islice((each for each in behind if not each.is_absent()), most))


def sortable(at: datetime) -> str:
    """An instant as text that sorts; what lies before 1970 counts as its beginning, since a sign would not sort."""
    return f"{max(0, int(at.timestamp())):012d}"
