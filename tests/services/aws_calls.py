"""What a request asks of AWS, call by call."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from chalicelib.records.reading import client
from tests.stage import Stage


@contextmanager
def aws_calls(on: Stage) -> Iterator[list[str]]:
    """Service and operation of each call, with the number of parts of a transaction."""
    made: list[str] = []

    def note(model: Any, params: Any, **_: Any) -> None:
        parts = len(json.loads(params["body"]).get("TransactItems", ()))
        made.append(f"dynamodb {model.name}{f' of {parts}' if parts else ''}")

    def noting(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*given: Any) -> Any:
            made.append(f"kms {name}")
            return call(*given)

        return noted

    events = client().meta.events
    events.register("before-call.dynamodb", note)
    try:
        with (
            mock.patch.object(on.kms, "new_data_key", noting("GenerateDataKey", on.kms.new_data_key)),
            mock.patch.object(on.kms, "open_data_key", noting("Decrypt", on.kms.open_data_key)),
        ):
            yield made
    finally:
        events.unregister("before-call.dynamodb", note)
