"""A business that is open for booking, made once a process and copied for each test: making it anew costs ten times."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from typing import Any
from unittest import mock

from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends

from tests.builders import Business, business
from tests.fakes import DrivenClock
from tests.stage import AWS, Stage, stage


@contextmanager
def open_business(clock: DrivenClock | None = None) -> Iterator[tuple[Stage, Business]]:
    """A stage as `stage()` gives it, with a business on it; nothing was sent yet, and no key is in memory."""
    tables, of = _made()
    with mock.patch.dict("os.environ", AWS), mock_aws():
        on = Stage(clock or DrivenClock())
        _backend().tables = deepcopy(tables)
        yield on, of


@cache
def _made() -> tuple[Any, Business]:
    with stage() as on:
        of = business(on)
        return deepcopy(_backend().tables), of


def _backend() -> DynamoDBBackend:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][AWS["AWS_DEFAULT_REGION"]]
