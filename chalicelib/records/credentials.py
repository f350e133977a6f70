"""What staff prove themselves with."""

from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days, hours
from chalicelib.records._fields import InstantAttribute, Sealed, internal, plain
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref

_SECRET = "whoever read it in an answer could sign in with it"  # noqa: S105 (a reason, not a secret)


class Credentials(RecordsTable, discriminator="Credentials"):
    """How a staff member signs in: Argon2id of the proof of the password, and second factors. All of it is sealed."""

    handling = Handling(
        category=Category.MASTER,
        purposes=(Purpose.SECURITY,),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(days(0), "left_at"),),
        then=Then.DELETE,
    )

    changed_at = plain(InstantAttribute(null=True))  # of the password
    left_at = plain(InstantAttribute(null=True))
    generation = internal(NumberAttribute(default=0), why="counts changes, so that a link to set a password works once")
    proof_hash = Sealed[str | None](access=False, export=False, why=_SECRET)
    totp_secret = Sealed[str | None](access=False, export=False, why=_SECRET)
    totp_step = internal(NumberAttribute(default=0), why="the last time step a code was taken for: none works twice")
    passkeys = Sealed[list[dict[str, Any]] | None](export=False, why="a public key and a name, of use at one site only")
    recovery_hashes = Sealed[list[str] | None](access=False, export=False, why=_SECRET)
    networks = internal(JSONAttribute(null=True), why="keyed hashes of the last networks that a sign-in came from")

    @classmethod
    def ref(cls, tenant: str, staff: str) -> "Ref[Credentials]":
        """Where they lie."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{staff}", "CREDENTIALS")

    @property
    def has_second_factor(self) -> bool:
        """Whether the password alone does not open a session."""
        return bool(self.totp_secret or self.passkeys)


class EmailChange(RecordsTable, discriminator="EmailChange"):
    """A staff member's new address, until both the old and the new one agreed."""

    handling = Handling(
        category=Category.CONTACT,
        purposes=(Purpose.ACCOUNT, Purpose.SECURITY, Purpose.NOTIFICATION),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.STAFF,
        recipients=("mailgun", "ses"),
        keep=(Keep(hours(24), "asked_at"),),
        then=Then.DELETE,
    )

    asked_at = plain(InstantAttribute())
    old_agreed_at = plain(InstantAttribute(null=True))
    new_agreed_at = plain(InstantAttribute(null=True))
    serial = internal(NumberAttribute(default=0), why="counts the changes asked for: links of an older one are void")
    email = Sealed[str]()
    proof_hash = Sealed[str | None](access=False, export=False, why=_SECRET)

    @classmethod
    def ref(cls, tenant: str, staff: str) -> "Ref[EmailChange]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{staff}", "EMAIL-CHANGE")
