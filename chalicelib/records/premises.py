"""Where a business works, and when all of it is closed."""

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import months
from chalicelib.records._fields import InstantAttribute, plain
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, query


class Premises(RecordsTable, discriminator="Premises"):
    """Sites with their addresses and public holidays, and the times at which nobody works.

    `sites` holds {"id", "name", "street", "postal_code", "city", "holidays"} each, `closures` pairs of instants (ISO);
    holidays are those of a region such as CH-ZH, `holidays` of the record that of who works at no site.
    """

    handling = Handling(
        category=Category.MASTER,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.TENANT,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(months(12), "ended_at"),),
        then=Then.DELETE,
    )

    holidays = plain(UnicodeAttribute(null=True))
    sites = plain(JSONAttribute(default=list))
    closures = plain(JSONAttribute(default=list))
    ended_at = plain(InstantAttribute(null=True))

    @classmethod
    def ref(cls, tenant: str) -> "Ref[Premises]":
        """Where those of a tenant lie."""
        return Ref(cls, f"TENANT#{tenant}", "PREMISES")


class Resource(RecordsTable, discriminator="Resource"):
    """A room or a device that appointments need. Its busy time lies in day sheets of its own."""

    handling = Handling(
        category=Category.MASTER,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.TENANT,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(months(12), "ended_at"),),
        then=Then.DELETE,
    )

    name = plain(UnicodeAttribute())
    site = plain(UnicodeAttribute(null=True))
    created_at = plain(InstantAttribute())
    archived_at = plain(InstantAttribute(null=True))
    ended_at = plain(InstantAttribute(null=True))

    @classmethod
    def ref(cls, tenant: str, resource: str) -> "Ref[Resource]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}", f"RESOURCE#{resource}")

    @classmethod
    def all_of(cls, tenant: str, *, consistent: bool = False) -> "list[Resource]":
        """The rooms and devices of a tenant, the oldest first."""
        return query(cls, f"TENANT#{tenant}", cls.sk.startswith("RESOURCE#"), consistent=consistent)

    @property
    def id(self) -> str:
        """The resource's id."""
        return self.sk.removeprefix("RESOURCE#")
