"""What records need of cryptography, as protocols: the code that does it lives in the adapters."""

from typing import Protocol


class Sealer(Protocol):
    """Seals bytes so that only the holder of the subject's key can read them; bound to `aad`."""

    def seal(self, plain: bytes, *, tenant: str, subject: str, aad: bytes) -> bytes:
        """The sealed blob (first byte: format version)."""
        ...

    def open(self, blob: bytes, *, tenant: str, subject: str, aad: bytes) -> bytes:
        """The plain bytes; KeyDestroyedError when the subject's key is gone, ValueError when tampered with."""
        ...


class KeyStore(Protocol):
    """Where wrapped keys lie (the `keys` table)."""

    def tenant_key(self, tenant: str) -> bytes | None:
        """The tenant's key as wrapped by KMS, or None."""
        ...

    def claim_tenant_key(self, tenant: str, wrapped: bytes) -> bytes:
        """Stores `wrapped` unless one is there already; returns the one that is stored."""
        ...

    def subject_keys(self, tenant: str, subjects: list[str]) -> dict[str, bytes]:
        """The subjects' wrapped keys that exist, in one round trip per 100."""
        ...


class KeyManagement(Protocol):
    """The key management service: makes and opens tenant keys. Calls carry an encryption context without names."""

    def new_data_key(self, tenant: str) -> tuple[bytes, bytes]:
        """A fresh 32-byte key: (plain, wrapped)."""
        ...

    def open_data_key(self, tenant: str, wrapped: bytes) -> bytes:
        """The plain 32-byte key; ValueError when wrapped for another tenant."""
        ...
