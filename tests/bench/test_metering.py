"""Round trips that somebody waits for, and calls that are noted."""

import pytest

from infra.bench.billing import Units
from infra.bench.metering import Meter, Trip, Trips, longest_chain
from tests.builders import business
from tests.stage import stage


@pytest.mark.parametrize(
    ("spans", "length"),
    [
        ([], 0),
        ([(0, 1)], 1),
        ([(0, 1), (1, 2)], 2),
        ([(0, 2), (1, 3)], 1),
        ([(0, 2), (1, 3), (2, 4)], 2),
        ([(0, 9), (1, 2), (3, 4), (5, 6)], 3),
        ([(5, 6), (0, 1), (2, 3)], 3),
    ],
)
def test_calls_side_by_side_count_once(spans: list[tuple[float, float]], length: int) -> None:
    """Whatever their order; ends that touch follow each other."""
    assert longest_chain(spans) == length


def test_trips_add_up() -> None:
    """By the beginning of their name."""
    trips = Trips([Trip("dynamodb.Query", 0, 1, Units(1.5, 0)), Trip("kms.Decrypt", 1, 2), Trip("dynamodb.X", 1, 3)])

    assert (trips.count(), trips.count("dynamodb."), trips.reads(), trips.in_sequence()) == (3, 2, 1.5, 2)


def test_the_meter_sees_what_stands_under_it_only() -> None:
    """One read of three small items that are there, consistent: a unit each."""
    meter = Meter(delay=0)
    with stage() as on, meter.installed():
        held = business(on)
        with meter.metering() as trips:
            on.services.sessions.authenticate(held.token)
        on.services.sessions.authenticate(held.token)

    assert [(trip.name, trip.units) for trip in trips.made] == [("dynamodb.BatchGetItem", Units(3.0, 0))]


def test_the_meter_sees_other_functions() -> None:
    """Under the name given, while metering."""
    meter = Meter(delay=0)
    double = meter.watched("kms.Decrypt", lambda number: number * 2)

    double(1)
    with meter.metering() as trips:
        assert double(2) == 4

    assert [trip.name for trip in trips.made] == ["kms.Decrypt"]
