"""One sealed record: version byte, nonce, AES-256-GCM ciphertext with its tag."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = len(VERSION) + NONCE_BYTES + TAG_BYTES
UNREADABLE = "sealed data can't be opened"


def seal(key: AESGCM, plain: bytes, *, aad: bytes, nonce: bytes) -> bytes:
    """The blob; the version is authenticated together with `aad`, so neither can be swapped."""
    return VERSION + nonce + key.encrypt(nonce, plain, VERSION + aad)


def unseal(key: AESGCM, blob: bytes, *, aad: bytes) -> bytes:
    """The plain bytes; ValueError, always with the same text, for whatever was not sealed exactly so."""
    if len(blob) < OVERHEAD or blob[:1] != VERSION:
        raise ValueError(UNREADABLE)
    try:
        return key.decrypt(blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :], VERSION + aad)
    except InvalidTag:
        raise ValueError(UNREADABLE) from None
