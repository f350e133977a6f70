"""The primitives against published vectors, and the format against our own: neither may ever drift."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

from chalicelib.adapters.sealing import Keyring
from chalicelib.adapters.sealing.derive import derive, mac

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("crypto_vectors.json").read_text(encoding="utf-8"))
OURS = VECTORS["zusage_1"]


def published(name: str) -> pytest.MarkDecorator:
    """The cases of one published set, each a test of its own."""
    cases = VECTORS[name]["cases"]
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


def of(case: dict[str, Any], name: str) -> bytes:
    """A value of a case, as bytes."""
    return bytes.fromhex(case[name])


class FixedKeys:
    """Key store and KMS in one, holding the keys of our own vector."""

    def tenant_key(self, tenant: str) -> bytes | None:
        """A wrapping, whatever it is."""
        return b"wrapped"

    def claim_tenant_key(self, tenant: str, wrapped: bytes) -> bytes:
        """The first one stays."""
        return wrapped

    def subject_keys(self, tenant: str, subjects: list[str]) -> dict[str, bytes]:
        """The subject's key of the vector."""
        return {OURS["subject"]: of(OURS, "wrapped_subject_key")}

    def new_data_key(self, tenant: str) -> tuple[bytes, bytes]:
        """A key and its wrapping."""
        return of(OURS, "tenant_key"), b"wrapped"

    def open_data_key(self, tenant: str, wrapped: bytes) -> bytes:
        """The key in the wrapping."""
        return of(OURS, "tenant_key")


def keyring(*randomness: bytes) -> Keyring:
    """A keyring that draws the given random bytes."""
    keys, drawn = FixedKeys(), iter(randomness)
    return Keyring(keys, keys, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC), randomness=lambda _: next(drawn))


@published("aes_256_gcm")
def test_aes_gcm(case: dict[str, Any]) -> None:
    """AES-256-GCM gives the published ciphertext and tag, and opens them."""
    cipher, sealed = AESGCM(of(case, "key")), of(case, "cipher") + of(case, "tag")

    assert cipher.encrypt(of(case, "nonce"), of(case, "plain"), of(case, "aad")) == sealed
    assert cipher.decrypt(of(case, "nonce"), sealed, of(case, "aad")) == of(case, "plain")


@published("aes_key_wrap")
def test_aes_key_wrap(case: dict[str, Any]) -> None:
    """AES key wrap gives the published wrapping, and unwraps it."""
    assert aes_key_wrap(of(case, "kek"), of(case, "key")) == of(case, "wrapped")
    assert aes_key_unwrap(of(case, "kek"), of(case, "wrapped")) == of(case, "key")


@published("hkdf_sha256")
def test_hkdf(case: dict[str, Any]) -> None:
    """HKDF-SHA256 gives the published keys; without a salt it is what `derive` uses."""
    hkdf = HKDF(algorithm=SHA256(), length=case["length"], salt=of(case, "salt") or None, info=of(case, "info"))

    assert hkdf.derive(of(case, "ikm")) == of(case, "okm")


@published("hmac_sha256")
def test_hmac(case: dict[str, Any]) -> None:
    """Our HMAC-SHA256 gives the published codes, in full or cut as published."""
    expected = of(case, "mac")

    assert mac(of(case, "key"), of(case, "data"))[: len(expected)] == expected


def test_stored_values_never_change() -> None:
    """Fixed keys and a fixed nonce give, byte for byte, what the first release stored."""
    ring = keyring(of(OURS, "subject_key"), of(OURS, "nonce"))

    wrapped = ring.new_subject_key(OURS["tenant"])
    blob = ring.seal(OURS["plain"].encode(), tenant=OURS["tenant"], subject=OURS["subject"], aad=OURS["aad"].encode())

    assert derive(of(OURS, "tenant_key"), "wrap").hex() == OURS["wrapping_key"]
    assert wrapped.hex() == OURS["wrapped_subject_key"]
    assert blob.hex() == OURS["blob"]


def test_stored_blob_still_opens() -> None:
    """What the first release stored opens today."""
    plain = keyring().open(of(OURS, "blob"), tenant=OURS["tenant"], subject=OURS["subject"], aad=OURS["aad"].encode())

    assert plain.decode() == OURS["plain"]


def test_indexes_and_link_keys_never_change() -> None:
    """A blind index and a link key made years ago are the same today."""
    index = OURS["index"]

    assert keyring().index(OURS["tenant"], index["purpose"], index["value"]) == index["hex"]
    assert keyring().link_key(OURS["tenant"]).hex() == OURS["link_key"]
