"""Whose customer somebody is shows neither in the calls to AWS of a stranger's request nor in their order."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.builders import MONDAY_10, Business, booked
from tests.services.aws_calls import aws_calls
from tests.services.offer_builders import ANNA, BEAT, join, person, with_list
from tests.stage import Stage

Ask = Callable[[Stage, Business, int, dict[str, str]], object]


def _book(on: Stage, of: Business, number: int, who: dict[str, str]) -> object:
    return booked(on, of, starts_at=MONDAY_10 + timedelta(hours=number), **who)


def _wait(on: Stage, of: Business, _: int, who: dict[str, str]) -> None:
    join(on, of, who=person(**who))


@pytest.mark.parametrize("ask", [_book, _wait], ids=["booking", "waiting"])
def test_a_customer_makes_the_same_calls_as_somebody_new(ask: Ask) -> None:
    """Service, operation and order."""
    with with_list() as (on, of):
        _book(on, of, 0, ANNA)
        with aws_calls(on) as known:
            ask(on, of, 1, ANNA)
        with aws_calls(on) as new:
            ask(on, of, 2, BEAT)

        assert _operations(new) == _operations(known)
        assert known[-1].startswith("dynamodb TransactWriteItems")


def _operations(calls: list[str]) -> list[str]:
    return [each.partition(" of ")[0] for each in calls]
