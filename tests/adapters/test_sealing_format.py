"""docs/sealing-format.md, followed step by step with nothing but the AES block cipher and the standard library.

Whoever holds a tenant's key and the stored bytes can open a record without our code; this is the proof.
"""

import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

OURS: dict[str, Any] = json.loads(Path(__file__).with_name("crypto_vectors.json").read_text(encoding="utf-8"))[
    "zusage_1"
]
DOCUMENT = Path(__file__).parents[2] / "docs" / "sealing-format.md"


def hkdf(key: bytes, info: str) -> bytes:
    """Step 1: one block of HKDF-SHA256 without a salt."""
    extracted = hmac.digest(bytes(32), key, "sha256")
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256")


def decrypt_block(key: bytes, block: bytes) -> bytes:
    """The inverse of the AES block cipher."""
    return Cipher(AES256(key), ECB()).decryptor().update(block)  # noqa: S305 (the bare block is what we want)


def encrypt_block(key: bytes, block: bytes) -> bytes:
    """The AES block cipher."""
    return Cipher(AES256(key), ECB()).encryptor().update(block)  # noqa: S305


def unwrap(key: bytes, wrapped: bytes) -> bytes:
    """Step 2: RFC 3394, section 2.2.2."""
    head, *rest = (wrapped[i : i + 8] for i in range(0, len(wrapped), 8))
    for step in range(6 * len(rest), 0, -1):
        place = (step - 1) % len(rest)
        mixed = (int.from_bytes(head, "big") ^ step).to_bytes(8, "big")
        block = decrypt_block(key, mixed + rest[place])
        head, rest[place] = block[:8], block[8:]
    if head != b"\xa6" * 8:
        raise ValueError("not wrapped under this key")
    return b"".join(rest)


def multiply(x: int, y: int) -> int:
    """The product in the field of GCM (NIST SP 800-38D, section 6.3)."""
    product = 0
    for bit in range(127, -1, -1):
        product ^= y if x >> bit & 1 else 0
        y = y >> 1 ^ (0xE1 << 120 if y & 1 else 0)
    return product


def ghash(key: int, aad: bytes, cipher: bytes) -> int:
    """GHASH over associated data, ciphertext and their lengths."""
    padded = b"".join(part + bytes(-len(part) % 16) for part in (aad, cipher))
    lengths = (len(aad) * 8).to_bytes(8, "big") + (len(cipher) * 8).to_bytes(8, "big")
    state = 0
    for i in range(0, len(padded + lengths), 16):
        state = multiply(state ^ int.from_bytes((padded + lengths)[i : i + 16], "big"), key)
    return state


def gcm_open(key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Step 4: AES-256-GCM with a 96-bit nonce."""
    cipher, tag = sealed[:-16], sealed[-16:]
    expected = ghash(int.from_bytes(encrypt_block(key, bytes(16)), "big"), aad, cipher)
    expected ^= int.from_bytes(encrypt_block(key, nonce + (1).to_bytes(4, "big")), "big")
    if expected != int.from_bytes(tag, "big"):
        raise ValueError("not sealed under this key")
    stream = b"".join(encrypt_block(key, nonce + (2 + i).to_bytes(4, "big")) for i in range(len(cipher) // 16 + 1))
    return bytes(a ^ b for a, b in zip(cipher, stream, strict=False))


def open_by_hand(blob: bytes, aad: bytes) -> bytes:
    """The four steps of the document."""
    wrapping_key = hkdf(bytes.fromhex(OURS["tenant_key"]), "zusage/1/wrap")
    subject_key = unwrap(wrapping_key, bytes.fromhex(OURS["wrapped_subject_key"]))
    version, nonce, sealed = blob[:1], blob[1:13], blob[13:]
    assert version == b"\x01"
    return gcm_open(subject_key, nonce, sealed, version + aad)


def test_record_opens_by_hand() -> None:
    """The documented steps open the blob of our vector."""
    plain = open_by_hand(bytes.fromhex(OURS["blob"]), OURS["aad"].encode())

    assert plain.decode() == OURS["plain"]


def test_by_hand_refuses_other_associated_data() -> None:
    """The steps authenticate: a record in another's place does not open."""
    with pytest.raises(ValueError, match="not sealed under this key"):
        open_by_hand(bytes.fromhex(OURS["blob"]), OURS["aad"].replace("Person", "Payment").encode())


def test_index_and_link_key_by_hand() -> None:
    """The documented derivations give the index and the link key of our vector."""
    tenant_key, index = bytes.fromhex(OURS["tenant_key"]), OURS["index"]

    code = hmac.digest(hkdf(tenant_key, f"zusage/1/index/{index['purpose']}"), index["value"].encode(), "sha256")

    assert code[:16].hex() == index["hex"]
    assert hkdf(tenant_key, "zusage/1/link").hex() == OURS["link_key"]


def test_document_names_every_derivation() -> None:
    """The document holds the labels that are used and the vector that proves them."""
    text = DOCUMENT.read_text(encoding="utf-8")

    for needed in (
        "zusage/1/wrap",
        "zusage/1/index/<purpose>",
        "zusage/1/link",
        "crypto_vectors.json",
        OURS["blob"][:26],
    ):
        assert needed in text
