"""Codes of an app."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from chalicelib.services.second_factors import totp

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # that of RFC 6238, appendix B
STEP = 59 // 30


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_vectors_of_rfc_6238(at: int, code: str) -> None:
    """The last six of their eight digits."""
    assert totp.step_of(SECRET, code, now=datetime.fromtimestamp(at, UTC), after=0) == at // 30


@pytest.mark.parametrize(
    ("seconds", "good"), [(-30, False), (-1, False), (0, True), (29, True), (30, True), (59, True), (60, False)]
)
def test_a_code_may_be_late_by_one_step_and_never_early(seconds: int, good: bool) -> None:
    """The code is that of the thirty seconds which begin at noon; they are looked at earlier and later."""
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    code = pyotp.TOTP(SECRET).at(noon)

    found = totp.step_of(SECRET, code, now=noon + timedelta(seconds=seconds), after=0)

    assert found == (int(noon.timestamp()) // 30 if good else None)


@pytest.mark.parametrize(("off", "good"), [(-1, True), (0, False), (1, False)])
def test_no_step_works_twice(off: int, good: bool) -> None:
    """Nor does an earlier one, once a later one was used."""
    now = datetime.fromtimestamp(59, UTC)

    assert (totp.step_of(SECRET, "287082", now=now, after=STEP + off) is not None) is good


@pytest.mark.parametrize("code", ["", "28708", "287083", "2870820", "２８７０８２", "é"])
def test_anything_else_is_refused(code: str) -> None:
    """Digits of another script, too."""
    assert totp.step_of(SECRET, code, now=datetime.fromtimestamp(59, UTC), after=0) is None


def test_a_secret_is_random_and_of_160_bits() -> None:
    """As RFC 4226 wants it."""
    assert len({totp.new_secret() for _ in range(50)}) == 50
    assert len(pyotp.TOTP(totp.new_secret()).byte_secret()) == 20


def test_the_uri_names_account_and_issuer() -> None:
    """So that an app shows which code is for what; and it stays with the defaults that every app knows."""
    uri = urlsplit(totp.uri(SECRET, account="regula@praxis.example", issuer="Zusage"))

    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Zusage:regula%40praxis.example")
    assert parse_qs(uri.query) == {"secret": [SECRET], "issuer": ["Zusage"]}
