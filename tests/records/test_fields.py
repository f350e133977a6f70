"""Kinds of fields: instants as whole seconds, and words of ours by their value."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.records._fields import EnumAttribute, InstantAttribute

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


class Weather(Enum):
    """What it is like outside."""

    SUNNY = "sunny"
    WET = "wet"


@given(st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_comes_back_as_its_second(at: datetime) -> None:
    """In UTC, with the fraction cut off: what expires never does so later than said."""
    field = InstantAttribute()

    assert field.deserialize(field.serialize(at)) == at.replace(microsecond=0)
    assert field.deserialize(field.serialize(at)).tzinfo is UTC


def test_an_instant_of_another_zone() -> None:
    """It is the same instant."""
    field = InstantAttribute()

    assert field.serialize(NOON.astimezone(ZoneInfo("Asia/Tokyo"))) == field.serialize(NOON) == "1793620800"


def test_a_naive_time_is_refused() -> None:
    """Whose clock it stood on, nobody knows."""
    with pytest.raises(ValueError, match="naive"):
        InstantAttribute().serialize(NOON.replace(tzinfo=None))


def test_numbers_sort_like_their_instants() -> None:
    """DynamoDB compares them as numbers."""
    field = InstantAttribute()

    assert field.attr_type == "N"
    assert int(field.serialize(NOON)) + 1 == int(field.serialize(NOON + timedelta(seconds=1)))


@pytest.mark.parametrize("weather", Weather)
def test_a_word_comes_back(weather: Weather) -> None:
    """Stored by its value, which outlives its name."""
    field = EnumAttribute(Weather)

    assert field.serialize(weather) == weather.value
    assert field.deserialize(field.serialize(weather)) is weather


def test_an_unknown_word_is_refused() -> None:
    """It is not taken for another."""
    with pytest.raises(ValueError, match="foggy"):
        EnumAttribute(Weather).deserialize("foggy")
