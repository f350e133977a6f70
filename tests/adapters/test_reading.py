"""Values from outside: checked first, believed little, never a reason to fail."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.webhooks import _reading
from chalicelib.domain.errors import SignatureInvalidError
from tests.adapters.provider_builders import NOW, REFERENCE

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(anything)
def test_nothing_from_outside_makes_them_fail(value: object) -> None:
    """Whatever comes: a value of the right type, or nothing."""
    assert _reading.code_of(value).isascii()
    assert isinstance(_reading.is_reference(value), bool)
    assert _reading.instant_of(value, otherwise=NOW).tzinfo is not None
    assert _reading.moment_of(value, otherwise=NOW).tzinfo is not None
    assert _reading.nested(value, "a", "b") is None or isinstance(value, dict)
    assert _reading.same(value, ["secret"]) is (value == "secret")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (605, "605"),
        ("5.1.1", "5.1.1"),
        ("General", "General"),
        ("user anna unknown", ""),
        ("a@b.ch", ""),
        (True, ""),
        ("x" * 41, ""),
    ],
)
def test_codes_are_codes(value: object, code: str) -> None:
    """Sentences and addresses are not codes, so they can't get into a record or a log."""
    assert _reading.code_of(value) == code


@pytest.mark.parametrize(
    ("text", "verdict"),
    [(REFERENCE, True), ("", False), ("a/b", False), ("a\n", False), ("ä", False), ("a" * 129, False)],
)
def test_references(text: str, verdict: bool) -> None:
    """URL-safe base64 and nothing else."""
    assert _reading.is_reference(text) is verdict


def test_times() -> None:
    """Epoch seconds and ISO 8601 with a zone are read; anything else is the time given instead."""
    assert _reading.instant_of("1700000000.5", otherwise=NOW) == datetime(2023, 11, 14, 22, 13, 20, 500_000, UTC)
    assert _reading.instant_of("nan", otherwise=NOW) == NOW
    assert _reading.moment_of("2026-01-01T00:00:00.000Z", otherwise=NOW) == datetime(2026, 1, 1, tzinfo=UTC)
    assert _reading.moment_of("2026-01-01T00:00:00", otherwise=NOW) == NOW


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(-3601, False), (-3600, True), (-3599, True), (599, True), (600, True), (601, False)]
)
def test_recent_at_its_edges(seconds: int, accepted: bool) -> None:
    """The oldest second and the one farthest ahead pass; one more does not."""
    at = NOW + timedelta(seconds=seconds)

    if accepted:
        _reading.refuse_unless_recent(at, now=NOW, oldest=timedelta(hours=1))
    else:
        with pytest.raises(SignatureInvalidError):
            _reading.refuse_unless_recent(at, now=NOW, oldest=timedelta(hours=1))


def test_an_empty_secret_opens_nothing() -> None:
    """A secret that is not set is matched by nothing, not even by nothing."""
    assert not _reading.same("", [""])
    assert not _reading.same(None, [""])
    assert _reading.same("b", ["a", "b"])
