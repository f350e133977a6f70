"""Wrapped keys: the tenants', wrapped by KMS, and the subjects', wrapped by the tenant's."""

from pynamodb.attributes import BinaryAttribute

from chalicelib.domain.errors import TryAgainError
from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._fields import InstantAttribute, internal
from chalicelib.records._tables import KeysTable
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.writing import ContendedError, LostRaceError, Transaction

_HANDLING = Handling(
    category=Category.TECHNICAL,
    purposes=(Purpose.SECURITY,),
    basis=Basis.LEGITIMATE_INTEREST,
    source=Source.SYSTEM,
    about=Subject.NOBODY,
    recipients=(),
    keep=(Keep(days(0), "ended_at"),),
    then=Then.DELETE,
    because="a key lives exactly as long as what it opens: it is destroyed in the same transaction",
)


class TenantKey(KeysTable, discriminator="TenantKey"):
    """A tenant's key, as wrapped by KMS. Destroying it ends all that the tenant stored."""

    handling = _HANDLING
    wrapped = internal(BinaryAttribute(legacy_encoding=False), why="a key, encrypted: it says nothing")
    ended_at = internal(InstantAttribute(null=True), why="when the key's owner ended")

    @classmethod
    def of(cls, tenant: str, wrapped: bytes) -> "TenantKey":
        """A new tenant's key."""
        ref = cls.ref(tenant)
        return cls(ref.pk, ref.sk, wrapped=wrapped)

    @classmethod
    def ref(cls, tenant: str) -> "Ref[TenantKey]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}", "KEY")


class SubjectKey(KeysTable, discriminator="SubjectKey"):
    """A person's key, wrapped by the tenant's. Destroying it shreds all that is sealed about the person."""

    handling = _HANDLING
    wrapped = internal(BinaryAttribute(legacy_encoding=False), why="a key, encrypted: it says nothing")
    ended_at = internal(InstantAttribute(null=True), why="when the key's owner ended")

    @classmethod
    def of(cls, tenant: str, subject: str, wrapped: bytes) -> "SubjectKey":
        """A new person's key."""
        ref = cls.ref(tenant, subject)
        return cls(ref.pk, ref.sk, wrapped=wrapped)

    @classmethod
    def ref(cls, tenant: str, subject: str) -> "Ref[SubjectKey]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}", f"SUBJECT#{subject}")


class KeysInTable:
    """The key store of domain.sealing, on the `keys` table."""

    def tenant_key(self, tenant: str) -> bytes | None:
        """The tenant's key as wrapped by KMS, or None."""
        key = fetch(TenantKey.ref(tenant), consistent=True)
        return None if key is None else key.wrapped

    def claim_tenant_key(self, tenant: str, wrapped: bytes) -> bytes:
        """Stores `wrapped` unless one is there already; returns the one that is stored."""
        transaction = Transaction()
        transaction.create(TenantKey.of(tenant, wrapped))
        try:
            transaction.commit()
        except (LostRaceError, ContendedError):
            stored = self.tenant_key(tenant)
            if stored is None:  # not there yet or no more; a key that is not stored must never seal anything
                raise TryAgainError from None
            return stored
        return wrapped

    def subject_keys(self, tenant: str, subjects: list[str]) -> dict[str, bytes]:
        """The subjects' wrapped keys that exist."""
        refs = {subject: SubjectKey.ref(tenant, subject) for subject in subjects}
        found = fetch_all(refs.values(), consistent=True)
        keys = {subject: found.get(ref) for subject, ref in refs.items()}
        return {subject: key.wrapped for subject, key in keys.items() if key is not None}
