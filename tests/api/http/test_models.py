"""Times in and out of the models."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.api.http.models import Body, Instant, LocalDate, LocalTime
from tests.api.sample_app import TENANT, Shown


def test_views_take_aware_times_only() -> None:
    """A naive time can't leave; an aware one leaves in UTC, to the second."""
    with pytest.raises(ValidationError):
        Shown(id=TENANT, starts_at=datetime(2026, 1, 1))  # noqa: DTZ001

    shown = Shown(id=TENANT, starts_at=datetime(2026, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC))
    assert json.loads(shown.model_dump_json())["starts_at"] == "2026-01-01T00:00:00Z"


class _Times(Body):
    """All kinds of time."""

    at: Instant
    day: LocalDate
    wall: LocalTime


@given(st.datetimes(timezones=st.timezones()), st.dates(), st.times())
def test_times_survive(at: datetime, day: Any, wall: Any) -> None:
    """Every instant, date and wall time that can be written is read back the same, to the second."""
    whole = at.replace(microsecond=0, fold=at.fold)
    offset = whole.utcoffset()
    if offset is None or offset.total_seconds() % 60 or not 2 <= whole.year <= 9998:
        return  # RFC 3339 has no seconds in offsets

    read = _Times.model_validate_json(
        json.dumps({"at": whole.isoformat(), "day": day.isoformat(), "wall": wall.strftime("%H:%M")})
    )

    assert read.at == whole.astimezone(UTC)
    assert read.day == day
    assert json.loads(read.model_dump_json())["at"] == whole.astimezone(UTC).isoformat().replace("+00:00", "Z")
