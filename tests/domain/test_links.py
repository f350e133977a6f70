"""Capability links: genuine ones open one thing for one purpose until a time, and nothing else opens anything."""

import hmac
import re
import string
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import KeyDestroyedError, LinkExpiredError, LinkInvalidError
from chalicelib.domain.links import Link, LinkPurpose, read

TENANT, OTHER, SUBJECT, THING = "a1" * 16, "b2" * 16, "c3" * 16, "d4" * 16
KEYS = {TENANT: b"k" * 32, OTHER: b"o" * 32}
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
LINK = Link(
    purpose=LinkPurpose.CANCEL, tenant=TENANT, subject=SUBJECT, thing=THING, version=7, expires=NOON + timedelta(days=1)
)
TOKEN = LINK.sign(KEYS[TENANT])
HELD = replace(LINK, holder="e5" * 16)
ALPHABET = string.ascii_letters + string.digits + "-_"
IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)


def opened(token: str, *purposes: LinkPurpose, now: datetime = NOON) -> Link:
    """Reads a token for these purposes, cancelling if none is said."""
    return read(token, purposes=frozenset(purposes or {LinkPurpose.CANCEL}), key_of=KEYS.__getitem__, now=now)


def encoded(raw: bytes) -> str:
    """The spelling of a token."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(token: str) -> bytes:
    """The bytes of a token."""
    return urlsafe_b64decode(token + "=" * (-len(token) % 4))


def no_key(tenant: str) -> bytes:
    """For what must be refused before any key is asked for."""
    raise AssertionError(tenant)


@given(
    st.sampled_from(LinkPurpose), IDS, IDS, IDS, st.integers(0, 2**32 - 1), st.integers(2**31, 2**32 - 1), st.binary()
)
def test_a_link_comes_back(  # noqa: PLR0917 (hypothesis gives them in this order)
    purpose: LinkPurpose, tenant: str, subject: str, thing: str, version: int, expires: int, key: bytes
) -> None:
    """Exactly as it was signed."""
    at = datetime.fromtimestamp(expires, UTC)
    link = Link(purpose=purpose, tenant=tenant, subject=subject, thing=thing, version=version, expires=at)

    token = link.sign(key)

    assert re.fullmatch(r"[A-Za-z0-9_-]{99}", token)
    assert read(token, purposes=frozenset(LinkPurpose), key_of=lambda _: key, now=NOON) == link


def test_the_format() -> None:
    """Links live as long as appointments are far ahead: the format stays as it is documented."""
    body = struct.pack(">BB", 1, 3) + bytes.fromhex(TENANT + SUBJECT + THING)
    body += struct.pack(">II", 7, int(LINK.expires.timestamp()))

    assert decoded(TOKEN) == body + hmac.new(KEYS[TENANT], body, sha256).digest()[:16]


def test_the_format_of_a_link_for_one_of_several_people() -> None:
    """As the other one, with whom it is for behind it."""
    token = HELD.sign(KEYS[TENANT])
    body = b"\x02" + decoded(TOKEN)[1:58] + bytes.fromhex(HELD.holder)

    assert decoded(token) == body + hmac.new(KEYS[TENANT], body, sha256).digest()[:16]
    assert len(token) == 120
    assert opened(token) == HELD


@pytest.mark.parametrize("link", [LINK, HELD], ids=["plain", "held"])
def test_every_flipped_bit_is_refused(link: Link) -> None:
    """Of format, purpose, ids, version, expiry, holder and proof."""
    raw = decoded(link.sign(KEYS[TENANT]))

    for bit in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(LinkInvalidError):
            read(
                encoded(bytes(flipped)),
                purposes=frozenset(LinkPurpose),
                key_of=lambda tenant: KEYS.get(tenant, b"another key"),
                now=NOON,
            )


def test_every_other_spelling_is_refused() -> None:
    """Each character has one right value, also the last, of which the bytes use four bits only."""
    for at, right in enumerate(TOKEN):
        for wrong in ALPHABET if at in {0, 98} else "A_":
            if wrong != right:
                with pytest.raises(LinkInvalidError):
                    read(
                        TOKEN[:at] + wrong + TOKEN[at + 1 :],
                        purposes=frozenset(LinkPurpose),
                        key_of=lambda tenant: KEYS.get(tenant, b"another key"),
                        now=NOON,
                    )


@pytest.mark.parametrize("meant", LinkPurpose)
@pytest.mark.parametrize("used", LinkPurpose)
def test_a_link_serves_its_own_purpose_only(meant: LinkPurpose, used: LinkPurpose) -> None:
    """Who may cancel may not move, and neither may sign in."""
    token = Link(
        purpose=meant, tenant=TENANT, subject=SUBJECT, thing=THING, version=7, expires=NOON + timedelta(days=1)
    ).sign(KEYS[TENANT])

    if meant is used:
        assert opened(token, used).purpose is meant
    else:
        with pytest.raises(LinkInvalidError):
            opened(token, used)


def test_one_of_several_purposes() -> None:
    """Where cancelling and moving both allow to look, either link is taken."""
    assert opened(TOKEN, LinkPurpose.RESCHEDULE, LinkPurpose.CANCEL) == LINK


def test_no_purpose_admits_nothing() -> None:
    """An endpoint that forgot to name one is closed."""
    with pytest.raises(LinkInvalidError):
        read(TOKEN, purposes=frozenset(), key_of=KEYS.__getitem__, now=NOON)


def test_another_tenants_key_signs_nothing_here() -> None:
    """A business can't make links into another."""
    with pytest.raises(LinkInvalidError):
        opened(LINK.sign(KEYS[OTHER]))


@pytest.mark.parametrize(("form", "purpose"), [(0, 3), (2, 3), (3, 3), (1, 0), (1, 99)])
def test_unknown_formats_and_purposes_are_refused_before_any_key(form: int, purpose: int) -> None:
    """However well they are signed."""
    body = bytes([form, purpose]) + decoded(TOKEN)[2:58]
    token = encoded(body + hmac.new(KEYS[TENANT], body, sha256).digest()[:16])

    assert len(token) == len(TOKEN)
    with pytest.raises(LinkInvalidError):
        read(token, purposes=frozenset(LinkPurpose), key_of=no_key, now=NOON)


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_the_second_of_expiry(seconds: int, *, good: bool) -> None:
    """At the instant itself it is over."""
    now = LINK.expires + timedelta(seconds=seconds)

    if good:
        assert opened(TOKEN, now=now) == LINK
    else:
        with pytest.raises(LinkExpiredError):
            opened(TOKEN, now=now)


def test_fractions_of_a_second_are_cut_off() -> None:
    """A link never lives longer than it says."""
    token = Link(
        purpose=LINK.purpose,
        tenant=TENANT,
        subject=SUBJECT,
        thing=THING,
        version=7,
        expires=NOON + timedelta(microseconds=999_999),
    ).sign(KEYS[TENANT])

    assert opened(token, now=NOON - timedelta(microseconds=1)).expires == NOON
    with pytest.raises(LinkExpiredError):
        opened(token, now=NOON)


def test_an_expired_forgery_is_a_forgery() -> None:
    """Whoever can't sign learns nothing, not even the time."""
    with pytest.raises(LinkInvalidError):
        opened(LINK.sign(b"guessed"), now=LINK.expires + timedelta(days=1))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "A",
        "AA",
        "AAAA",
        "x" * 98,
        "x" * 100,
        "x" * 10_000,
        TOKEN[:-1],
        TOKEN[1:],
        TOKEN + "A",
        TOKEN + "=",
        TOKEN + "\n",
        " " + TOKEN,
        TOKEN + ".",
        TOKEN + ">",
        TOKEN[:50] + "!!!!" + TOKEN[50:],
        "=" * 99,
        "é" * 99,
        "\ud800" * 99,
        "\x00" * 99,
    ],
)
def test_garbage_is_refused_before_any_key(token: str) -> None:
    """Guessing costs no look-up."""
    with pytest.raises(LinkInvalidError):
        read(token, purposes=frozenset(LinkPurpose), key_of=no_key, now=NOON)


@given(st.text(max_size=120))
def test_reading_fails_in_one_way(token: str) -> None:
    """Whatever a stranger types."""
    with pytest.raises(LinkInvalidError):
        read(token, purposes=frozenset(LinkPurpose), key_of=lambda _: b"key", now=NOON)


def test_a_tenant_whose_key_is_gone() -> None:
    """The one who asks for the key says so; nothing here hides it."""

    def gone(tenant: str) -> bytes:
        raise KeyDestroyedError(tenant)

    with pytest.raises(KeyDestroyedError):
        read(TOKEN, purposes=frozenset({LinkPurpose.CANCEL}), key_of=gone, now=NOON)
