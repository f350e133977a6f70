"""How a password is proven without being sent: what the browser computes, and how the server keeps the outcome.

The browser sends a *proof*: PBKDF2-HMAC-SHA-256 over the password in Unicode's form NFKC, with a salt that belongs to
the address. The server keeps Argon2id of the proof.
"""

import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from hashlib import pbkdf2_hmac

ALGORITHM = "PBKDF2-SHA-256"
ITERATIONS = 600_000
"""OWASP Password Storage Cheat Sheet: the least for PBKDF2-HMAC-SHA256. It runs in the browser."""

PROOF_BYTES = 32
SALT_BYTES = 16
"""NIST SP 800-132, section 5.1: at least 128 bits."""

ARGON_MEMORY_KIB = 19 * 1024
ARGON_PASSES = 2
ARGON_LANES = 1
"""OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane, for Argon2id."""

RESET_LINK = timedelta(minutes=30)


def proof_of(password: str, *, salt: bytes, iterations: int = ITERATIONS) -> bytes:
    """What the browser computes. For the one password that is made here, at deployment; no other ever gets here."""
    text = unicodedata.normalize("NFKC", password).encode()
    return pbkdf2_hmac("sha256", text, salt, iterations, PROOF_BYTES)


def spell(raw: bytes) -> str:
    """Bytes as they travel: base64url without padding."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def read_proof(text: str) -> bytes:
    """The proof that `text` spells; ValueError for anything else. It has one spelling only."""
    raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if len(raw) != PROOF_BYTES or spell(raw) != text:
        raise ValueError("this is no proof")
    return raw
