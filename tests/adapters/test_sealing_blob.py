"""One blob and one tenant key: layout, derived values, and that not a single bit may differ."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.sealing.blob import OVERHEAD, seal, unseal
from chalicelib.adapters.sealing.derive import TenantKey

KEY = AESGCM(bytes(range(32)))
NONCE = bytes(range(12))
REFUSED = "^sealed data can't be opened$"


@given(plain=st.binary(max_size=500), aad=st.binary(max_size=100), nonce=st.binary(min_size=12, max_size=12))
def test_round_trip(plain: bytes, aad: bytes, nonce: bytes) -> None:
    """What is sealed opens again; version and nonce stand in front, the tag at the end."""
    blob = seal(KEY, plain, aad=aad, nonce=nonce)

    assert blob[:13] == b"\x01" + nonce
    assert len(blob) == len(plain) + OVERHEAD
    assert unseal(KEY, blob, aad=aad) == plain


def test_every_flipped_bit_is_refused() -> None:
    """Each bit of version, nonce, ciphertext and tag is authenticated."""
    blob = seal(KEY, b"Anna Muster", aad=b"place", nonce=NONCE)

    for bit in range(len(blob) * 8):
        flipped = bytearray(blob)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ValueError, match=REFUSED):
            unseal(KEY, bytes(flipped), aad=b"place")


@given(plain=st.binary(max_size=200), bit=st.integers(min_value=0), aad=st.binary(max_size=30))
def test_any_flipped_bit_of_any_blob_is_refused(plain: bytes, bit: int, aad: bytes) -> None:
    """The same for blobs of every length."""
    blob = bytearray(seal(KEY, plain, aad=aad, nonce=NONCE))
    blob[bit // 8 % len(blob)] ^= 1 << bit % 8

    with pytest.raises(ValueError, match=REFUSED):
        unseal(KEY, bytes(blob), aad=aad)


@pytest.mark.parametrize("length", [0, 1, 12, 13, OVERHEAD - 1, OVERHEAD, OVERHEAD + 1])
def test_cut_blob_is_refused(length: int) -> None:
    """A blob that lost its end is refused at every length, also where it is shorter than its frame."""
    blob = seal(KEY, b"Anna", aad=b"", nonce=NONCE)

    with pytest.raises(ValueError, match=REFUSED):
        unseal(KEY, blob[:length], aad=b"")


def test_version_is_part_of_the_associated_data() -> None:
    """A blob made without its version authenticated is not ours, even with the right key."""
    foreign = b"\x01" + NONCE + KEY.encrypt(NONCE, b"Anna", b"place")

    with pytest.raises(ValueError, match=REFUSED):
        unseal(KEY, foreign, aad=b"place")


def test_error_says_nothing_of_the_content() -> None:
    """The error has a fixed text and carries no other exception along to the log."""
    with pytest.raises(ValueError, match=REFUSED) as caught:
        unseal(KEY, seal(KEY, b"Anna", aad=b"", nonce=NONCE), aad=b"other")

    assert caught.value.__suppress_context__


def test_subject_key_round_trip_and_every_flipped_bit() -> None:
    """A wrapped subject key is 40 bytes; with any bit flipped it is refused."""
    tenant_key, subject_key = TenantKey(bytes(32)), bytes(range(32))

    wrapped = tenant_key.wrap(subject_key)

    assert len(wrapped) == 40
    assert tenant_key.unwrap(wrapped) == subject_key
    for bit in range(320):
        with pytest.raises(ValueError, match=REFUSED):
            tenant_key.unwrap((int.from_bytes(wrapped, "big") ^ 1 << bit).to_bytes(40, "big"))


@pytest.mark.parametrize("length", [16, 24, 40])
def test_subject_key_of_another_length_is_refused(length: int) -> None:
    """A shorter or longer key, even wrapped correctly, is not a subject's key."""
    tenant_key = TenantKey(bytes(32))

    with pytest.raises(ValueError, match=REFUSED):
        tenant_key.unwrap(tenant_key.wrap(bytes(length)))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_tenant_key_of_another_length_is_refused(length: int) -> None:
    """A tenant's key is 32 bytes or none."""
    with pytest.raises(ValueError, match=REFUSED):
        TenantKey(bytes(length))


def test_tenant_key_shows_nothing() -> None:
    """A tenant key printed by accident tells nothing."""
    secret = b"0123456789abcdefghijklmnopqrstuv"

    assert "0123456789" not in repr(TenantKey(secret)) + str(TenantKey(secret))


def test_index_depends_on_tenant_purpose_and_value() -> None:
    """Equal values can be found again in one tenant for one purpose, and not be linked beyond that."""
    tenant_key, other = TenantKey(bytes(32)), TenantKey(bytes(range(32)))

    answers = {
        tenant_key.index("email", "a@example.ch"),
        tenant_key.index("email", "b@example.ch"),
        tenant_key.index("phone", "a@example.ch"),
        other.index("email", "a@example.ch"),
    }

    assert len(answers) == 4
    assert {len(answer) for answer in answers} == {32}
    assert TenantKey(bytes(32)).index("email", "a@example.ch") in answers


def test_links_are_signed_with_a_key_per_tenant() -> None:
    """Each tenant signs its links with 32 bytes of its own."""
    answers = {TenantKey(bytes(32)).link_key(), TenantKey(bytes(range(32))).link_key()}

    assert [len(answer) for answer in answers] == [32, 32]
