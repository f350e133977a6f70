"""Opaque tokens: whose they are, and a secret that can't be guessed. Sessions and keys of tenants' servers are such.

A token is a prefix and the URL-safe base64 of 16 bytes tenant, 16 bytes owner and 32 random bytes. Only the hash of the
secret is stored, so nobody who reads the store can use it.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

_ID, _SECRET = 16, 32


@dataclass(frozen=True)
class Token:
    """Whose it is (ids of 32 hexadecimal digits), and its secret."""

    tenant: str
    owner: str
    secret: bytes

    @classmethod
    def new(cls, tenant: str, owner: str) -> Self:
        """A fresh one."""
        return cls(tenant, owner, secrets.token_bytes(_SECRET))

    @classmethod
    def read(cls, text: str, *, prefix: str = "") -> Self | None:
        """The token that `text` spells; None for anything else. It has one spelling only."""
        spelled = text.removeprefix(prefix)
        if prefix and spelled == text:
            return None
        try:
            raw = urlsafe_b64decode(spelled.encode("ascii") + b"=" * (-len(spelled) % 4))
        except (UnicodeEncodeError, Base64Error, ValueError):
            return None
        if len(raw) != 2 * _ID + _SECRET or _spelled(raw) != spelled:
            return None
        return cls(raw[:_ID].hex(), raw[_ID : 2 * _ID].hex(), raw[2 * _ID :])

    def spell(self, *, prefix: str = "") -> str:
        """As it is handed out, once."""
        return prefix + _spelled(bytes.fromhex(self.tenant) + bytes.fromhex(self.owner) + self.secret)

    @property
    def digest(self) -> str:
        """What is stored of the secret: its SHA-256 in 64 hexadecimal digits."""
        return sha256(self.secret).hexdigest()


def _spelled(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
