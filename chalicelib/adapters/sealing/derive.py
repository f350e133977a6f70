"""What follows from a tenant's key: the key that wraps subject keys, those of the blind indexes, that of links.

Each use has a key of its own (HKDF with a separate info), so that no value made for one can serve in another.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from chalicelib.adapters.sealing.blob import UNREADABLE

KEY_BYTES = 32
INDEX_BYTES = 16


def derive(key: bytes, use: str) -> bytes:
    """The 32-byte key for one use."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"zusage/1/{use}".encode()).derive(key)


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256."""
    code = HMAC(key, SHA256())
    code.update(message)
    return code.finalize()


class TenantKey:
    """A tenant's key in the clear. It has no readable representation, so it can't end in a log by accident."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError(UNREADABLE)
        self._secret = secret
        self._wrapping = derive(secret, "wrap")

    def wrap(self, subject_key: bytes) -> bytes:
        """A subject's key as it may be stored (RFC 3394)."""
        return aes_key_wrap(self._wrapping, subject_key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """A subject's key from the store; ValueError when it is damaged or another tenant's."""
        try:
            key = aes_key_unwrap(self._wrapping, wrapped)
        except InvalidUnwrap:
            raise ValueError(UNREADABLE) from None
        if len(key) != KEY_BYTES:
            raise ValueError(UNREADABLE)
        return key

    def index(self, purpose: str, value: str) -> str:
        """The blind index of `value`: equal values give equal text, and nothing else can be read from it."""
        return mac(derive(self._secret, f"index/{purpose}"), value.encode())[:INDEX_BYTES].hex()

    def link_key(self) -> bytes:
        """The key that capability links of this tenant are signed with."""
        return derive(self._secret, "link")
