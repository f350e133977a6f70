"""Who works for a tenant, in one place; and who is invited to."""

from datetime import datetime

from pynamodb.attributes import JSONAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.domain.roles import ADMIN
from chalicelib.records._fields import InstantAttribute, Sealed, plain, pseudonym
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, query


class Team(RecordsTable, discriminator="Team"):
    """The ids of a tenant's staff with their roles. One record, so that the last admin can't leave in a race."""

    handling = Handling(
        category=Category.MASTER,
        purposes=(Purpose.ACCOUNT, Purpose.SECURITY),
        basis=Basis.CONTRACT,
        source=Source.TENANT,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(days(0), "ended_at"), Keep(days(7), "unconfirmed_since")),
        then=Then.DELETE,
    )

    members = pseudonym(JSONAttribute())  # roles by staff id
    leaving = pseudonym(JSONAttribute(null=True))  # since when, by the ids of those whose deletion is not finished
    unconfirmed_since = plain(InstantAttribute(null=True))
    ended_at = plain(InstantAttribute(null=True))

    @classmethod
    def ref(cls, tenant: str) -> "Ref[Team]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}", "TEAM")

    def take_in(self, staff: str, roles: set[str]) -> None:
        """Adds somebody, or gives them other roles."""
        self.members = {**(self.members or {}), staff: sorted(roles)}

    def let_go(self, staff: str) -> None:
        """Removes somebody."""
        self.members = {each: roles for each, roles in self.members.items() if each != staff}

    def begin_to_leave(self, staff: str, at: datetime) -> None:
        """Removes somebody, and remembers that what is theirs has yet to be deleted."""
        self.let_go(staff)
        self.leaving = {**(self.leaving or {}), staff: int(at.timestamp())}

    def finish_leaving(self, staff: str) -> None:
        """Nothing is left of them."""
        self.leaving = {each: since for each, since in (self.leaving or {}).items() if each != staff} or None

    def others_with(self, role: str, *, than: str) -> bool:
        """Whether somebody else has this role."""
        return any(role in roles for staff, roles in self.members.items() if staff != than)

    def admins(self) -> list[str]:
        """Who runs the tenant."""
        return [staff for staff, roles in self.members.items() if ADMIN in roles]


class Invitation(RecordsTable, discriminator="Invitation"):
    """An invitation to work for a tenant, until it is taken up, revoked or two days old."""

    handling = Handling(
        category=Category.CONTACT,
        purposes=(Purpose.ACCOUNT, Purpose.NOTIFICATION),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.TENANT,
        about=Subject.STAFF,
        recipients=("mailgun", "ses"),
        keep=(Keep(days(2), "invited_at"),),
        then=Then.DELETE,
        because="whoever runs a business may ask people to join it; two days without an answer are taken for a no",
    )

    roles = plain(UnicodeSetAttribute())
    language = plain(UnicodeAttribute())
    invited_at = plain(InstantAttribute())
    invited_by = pseudonym(UnicodeAttribute())
    email = Sealed[str]()

    @classmethod
    def ref(cls, tenant: str, invitation: str) -> "Ref[Invitation]":
        """Where it lies. It has the id that the staff member will have."""
        return Ref(cls, f"TENANT#{tenant}", f"INVITATION#{invitation}")

    @classmethod
    def all_of(cls, tenant: str) -> "list[Invitation]":
        """Those that wait for an answer."""
        begins: Condition = cls.sk.startswith("INVITATION#")
        return query(cls, f"TENANT#{tenant}", begins, consistent=True)

    @property
    def id(self) -> str:
        """Its id."""
        return self.sk.removeprefix("INVITATION#")
