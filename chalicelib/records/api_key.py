"""Keys by which a tenant's own servers call."""

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._fields import InstantAttribute, Sealed, internal, plain, pseudonym
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, query


class ApiKey(RecordsTable, discriminator="ApiKey"):
    """A key of a tenant's server: what it may do, until when, when it was used last. Only its hash is stored."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SECURITY, Purpose.ACCOUNT),
        basis=Basis.CONTRACT,
        source=Source.TENANT,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(days(0), "valid_until"),),
        then=Then.DELETE,
    )

    digest = internal(UnicodeAttribute(), why="the hash of a random secret, by which the key is recognised")
    scopes = plain(UnicodeSetAttribute())
    created_at = plain(InstantAttribute())
    created_by = pseudonym(UnicodeAttribute())
    valid_until = plain(InstantAttribute())
    seen_at = plain(InstantAttribute(null=True))
    label = Sealed[str]()

    @classmethod
    def ref(cls, tenant: str, key: str) -> "Ref[ApiKey]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}", f"API-KEY#{key}")

    @classmethod
    def all_of(cls, tenant: str) -> "list[ApiKey]":
        """Those that are valid."""
        begins: Condition = cls.sk.startswith("API-KEY#")
        return query(cls, f"TENANT#{tenant}", begins, consistent=True)

    @property
    def id(self) -> str:
        """Its id."""
        return self.sk.removeprefix("API-KEY#")
