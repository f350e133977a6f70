"""The access log: a log group of its own, apart from what the functions log, that ends by itself."""

import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.clock import Clock
from chalicelib.observability import logger

# A visitor waits for this: better no line than a slow page.
QUICK = Config(connect_timeout=0.3, read_timeout=0.5, retries={"mode": "standard", "total_max_attempts": 1})


class VisitLog:
    """Writes lines into a stream of this process's own. Whatever fails here never breaks a page."""

    def __init__(self, client: Callable[[], Any], group: str, *, clock: Clock) -> None:
        self._make, self._group, self._clock = client, group, clock
        self._client: Any = None
        self._stream = ""

    def ready(self) -> None:
        """Prepares what the first line needs, while the page is being made."""
        if not self._stream:
            with self._unbroken():
                self._client = self._make()
                stream = f"{self._clock():%Y/%m/%d}/{secrets.token_hex(8)}"
                self._client.create_log_stream(logGroupName=self._group, logStreamName=stream)
                self._stream = stream

    def write(self, visit: Mapping[str, str | int]) -> None:
        """One line."""
        if self._stream:
            line = {"timestamp": int(self._clock().timestamp() * 1000), "message": json.dumps(visit)}
            with self._unbroken():
                self._client.put_log_events(logGroupName=self._group, logStreamName=self._stream, logEvents=[line])

    def _unbroken(self) -> "_Unbroken":
        return _Unbroken()


class _Unbroken(suppress):
    """Swallows what AWS and the network say, and logs that a line is missing."""

    def __init__(self) -> None:
        super().__init__(BotoCoreError, ClientError)

    def __exit__(self, *raised: Any) -> bool:
        swallowed = super().__exit__(*raised)
        if swallowed:
            logger.warning("visit not noted", extra={"error": raised[0].__name__})
        return swallowed
