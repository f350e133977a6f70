"""The end of a business that is killed at any of its writes: the next run ends the rest, and it is told of once."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from typing import Any
from unittest import mock

import pytest
from moto import mock_aws

from chalicelib.domain.actions import Action
from chalicelib.services.tenancy import terminating
from tests.fakes import DrivenClock
from tests.services.looking import backend, ledger
from tests.services.meddling import calls, killed_at
from tests.services.tenancy.test_terminating import at_its_end, not_over, of_tenant
from tests.stage import AWS, Stage

STRUCK = 5


@cache
def _made() -> Any:
    with at_its_end(customers=2) as (on, of):
        return deepcopy(backend().tables), on.clock.now, of.tenant


@contextmanager
def an_end() -> Iterator[tuple[Stage, str]]:
    """A business on the second at which it ends; small steps, so that there are several."""
    tables, now, tenant = _made()
    with mock.patch.dict("os.environ", AWS), mock_aws(), mock.patch.object(terminating, "_AT_ONCE", 6):
        on = Stage(DrivenClock(now))
        backend().tables = deepcopy(tables)
        yield on, tenant


def test_the_number_of_writes_is_the_one_that_is_struck_below() -> None:
    """If it is written more often some day, the test below must strike there too."""
    with an_end() as (on, _), calls() as made:
        on.services.lapsing.run()

        assert made.count("TransactWriteItems") == STRUCK


@pytest.mark.parametrize("swept", [False, True], ids=["", "swept-between"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", range(1, STRUCK + 1))
def test_killed_at_a_write(write: int, after: bool, swept: bool) -> None:
    """At each of them; the counts are those of a run that nobody kills, and nothing is left."""
    with an_end() as (on, tenant):
        held = not_over(on, tenant)
        with killed_at(write, after=after):
            on.services.lapsing.run()
        if swept:
            on.services.sweeping.run()

        on.services.lapsing.run()
        on.services.lapsing.run()
        on.services.sweeping.run()

        assert [entry.counts for entry in ledger(Action.TENANT_ENDED)] == [held]
        assert of_tenant(tenant) == []
