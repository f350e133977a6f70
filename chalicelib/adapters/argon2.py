"""Argon2id (RFC 9106) over the proofs of passwords."""

from base64 import b64encode

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError

from chalicelib.domain.passwords import ARGON_LANES, ARGON_MEMORY_KIB, ARGON_PASSES

_HASH_BYTES, _SALT_BYTES = 32, 16


class Argon2Proofs:
    """The hasher of the product; the parameters stand in what it makes, so they can be raised."""

    def __init__(self, *, memory_kib: int = ARGON_MEMORY_KIB, passes: int = ARGON_PASSES) -> None:
        self._hasher = PasswordHasher(
            time_cost=passes,
            memory_cost=memory_kib,
            parallelism=ARGON_LANES,
            hash_len=_HASH_BYTES,
            salt_len=_SALT_BYTES,
            type=Type.ID,
        )
        costs = f"m={memory_kib},t={passes},p={ARGON_LANES}"
        self._decoy = f"$argon2id$v=19${costs}${_zeros(_SALT_BYTES)}${_zeros(_HASH_BYTES)}"

    @property
    def decoy(self) -> str:
        """A hash that no proof fits: to find one whose hash is all zeros would take breaking Argon2."""
        return self._decoy

    def hash(self, proof: bytes) -> str:
        """What is kept of a proof, with a fresh salt."""
        return self._hasher.hash(proof)

    def matches(self, kept: str, proof: bytes) -> bool:
        """Whether `kept` was made of this proof; compared in constant time."""
        try:
            return self._hasher.verify(kept, proof)
        except (VerificationError, ValueError):  # what is damaged is no hash
            return False

    def needs_rehash(self, kept: str) -> bool:
        """Whether it was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(kept)


def _zeros(count: int) -> str:
    return b64encode(bytes(count)).decode().rstrip("=")
