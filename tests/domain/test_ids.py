"""Ids: RFC 9562 version 7, in order of time, and told apart from anything else."""

import re
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ids import ID_PATTERN, is_id, new_id

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(2999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS)
def test_an_id_is_a_uuid_of_version_7(now: datetime) -> None:
    """Others read it as such, without dashes."""
    made = new_id(now)

    assert (uuid.UUID(made).version, uuid.UUID(made).variant) == (7, uuid.RFC_4122)
    assert re.match(ID_PATTERN, made)
    assert is_id(made)


def test_the_milliseconds_come_first() -> None:
    """Taken from the example in RFC 9562, appendix A.6: 22 February 2022, 14:22:22 at UTC-5."""
    at = datetime(2022, 2, 22, 14, 22, 22, tzinfo=timezone(timedelta(hours=-5)))

    assert new_id(at).startswith("017f22e279b07")


@given(INSTANTS, st.integers(1, 10**9))
def test_ids_sort_by_time(now: datetime, milliseconds: int) -> None:
    """A millisecond later is further down."""
    assert new_id(now) < new_id(now + timedelta(milliseconds=milliseconds))


def test_ids_of_one_moment_differ() -> None:
    """74 bits of chance tell them apart, and each of them is used."""
    made = [int(new_id(NOON), 16) for _ in range(2000)]

    assert len(set(made)) == 2000
    varying = 0
    for one in made:
        varying |= one ^ made[0]
    assert varying == (0xFFF << 64) | ((1 << 62) - 1)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("0" * 32, True),
        ("0123456789abcdef0123456789abcdef", True),
        ("0" * 31, False),
        ("0" * 33, False),
        ("0" * 32 + "\n", False),
        ("A" * 32, False),
        ("g" * 32, False),
        ("٣" * 32, False),
        ("", False),
        ("01234567-89ab-7def-8123-456789abcdef", False),
    ],
)
def test_the_shape_of_an_id(text: str, *, shape: bool) -> None:
    """32 small hexadecimal digits and nothing around them."""
    assert is_id(text) is shape
