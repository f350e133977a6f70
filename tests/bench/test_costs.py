"""What a thousand bookings cost is added up as the bill would be."""

import pytest

from infra.bench.costs import gigabyte_seconds


@pytest.mark.parametrize(
    ("calls", "messages", "batches", "wanted"),
    [(0, 0, 0, 0.0), (1, 0, 0, 0.15 * 1769 / 1024), (0, 1, 0, 0.6 * 0.5), (0, 0, 1, 0.05 * 0.5)],
    ids=["nothing", "call", "message", "batch"],
)
def test_time_counts_with_the_memory_that_is_given(
    calls: float, messages: float, batches: float, wanted: float
) -> None:
    """Whether it is used or not; as the configuration says."""
    assert gigabyte_seconds(calls, messages, batches) == pytest.approx(wanted)


def test_parts_add_up() -> None:
    """No part is left out."""
    whole = gigabyte_seconds(2, 3, 5)

    assert whole == pytest.approx(gigabyte_seconds(2, 0, 0) + gigabyte_seconds(0, 3, 0) + gigabyte_seconds(0, 0, 5))
