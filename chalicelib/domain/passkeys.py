"""Passkeys: what is kept of one. The private key never leaves the device of its owner."""

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

_ID_DIGITS = 32


@dataclass(frozen=True, kw_only=True)
class Passkey:
    """A public key of a staff member, bound to our own address. Bytes are in URL-safe base64 without padding."""

    credential: str
    key: str
    count: int  # of signatures, as the device told last; some devices always say 0
    label: str = ""
    added_at: int = 0

    @property
    def id(self) -> str:
        """What it is called where it is listed."""
        return sha256(self.credential.encode()).hexdigest()[:_ID_DIGITS]

    def stored(self) -> dict[str, Any]:
        """As it is stored; `Passkey(**stored)` is the way back."""
        return asdict(self)
