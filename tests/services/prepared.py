"""A business that is open for booking, made once a process and copied for each test: making it anew costs ten times."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from typing import Any
from unittest import mock

from moto import mock_aws

from tests.builders import Business, business
from tests.fakes import DrivenClock
from tests.services.looking import backend
from tests.stage import AWS, Stage, stage


@contextmanager
def open_business(clock: DrivenClock | None = None) -> Iterator[tuple[Stage, Business]]:
    """A stage as `stage()` gives it, with a business on it; nothing was sent yet, and no key is in memory."""
    tables, of = _made()
    with mock.patch.dict("os.environ", AWS), mock_aws():
        on = Stage(clock or DrivenClock())
        backend().tables = deepcopy(tables)
        yield on, of


@cache
def _made() -> tuple[Any, Business]:
    with stage() as on:
        of = business(on)
        return deepcopy(backend().tables), of
