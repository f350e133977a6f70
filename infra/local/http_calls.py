"""Plain HTTP to 127.0.0.1 under any host name, since not every machine resolves *.localhost for Python."""

import http.client
import json as json_module
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.processes import LOOPBACK


@dataclass(frozen=True)
class HttpAnswer:
    """What a server answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body, parsed."""
        return json_module.loads(self.body)


def call(
    port: int,
    method: str,
    path: str,
    *,
    host: str,
    json: Any = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 40,
) -> HttpAnswer:
    """Sends one request and reads the whole answer; `json` is sent as such, `body` as it is."""
    sent = {"Host": host, **(headers or {})}
    if json is not None:
        body = json_module.dumps(json).encode()
        sent.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=sent)
        answer = connection.getresponse()
        return HttpAnswer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()
