"""The operator's key: read late, kept for a bounded time, and nothing but the whole of it opens."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.adapters.operator_key import SHORTEST, OperatorKey
from chalicelib.domain.errors import TryAgainError
from tests.adapters.test_secrets import ARN, Hand, Manager

KEY = "k" * 64


def key_of(manager: Any, clock: Hand | None = None) -> OperatorKey:
    """The key on a fake."""
    return OperatorKey(manager, ARN, monotonic=clock or Hand())


def test_the_key_opens() -> None:
    """And it is not read before somebody asks, nor twice."""
    manager = Manager(KEY)
    key = key_of(manager)
    assert manager.calls == 0

    assert key.matches(KEY)
    assert key.matches(KEY)
    assert manager.calls == 1


@pytest.mark.parametrize("given", ["", KEY[:-1], KEY + "k", KEY.upper(), f" {KEY}", "é" * 64])
def test_nothing_else_opens(given: str) -> None:
    """Neither a part of it, nor more than it."""
    assert not key_of(Manager(KEY)).matches(given)


@pytest.mark.parametrize("held", ["", "k" * (SHORTEST - 1)])
def test_a_key_that_could_be_guessed_opens_nothing(held: str) -> None:
    """An empty secret must not let in whoever sends an empty key."""
    assert not key_of(Manager(held)).matches(held)


@pytest.mark.parametrize(("age", "old_opens"), [(299, True), (300, False), (301, False)])
def test_a_replaced_key_stops_working(age: float, old_opens: bool) -> None:
    """Within 300 seconds."""
    manager, clock = Manager(KEY), Hand()
    key = key_of(manager, clock)
    key.matches(KEY)
    manager.text = "n" * 64

    clock.now += age

    assert key.matches(KEY) is old_opens
    assert key.matches("n" * 64) is not old_opens


def test_an_outage_lets_nobody_in() -> None:
    """Nothing was decided: to be tried again."""
    with pytest.raises(TryAgainError):
        key_of(Manager(EndpointConnectionError(endpoint_url="https://secretsmanager"))).matches(KEY)
