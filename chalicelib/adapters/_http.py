"""One HTTP request to a provider, and afterwards it is clear whether the provider may have taken it.

Each request opens its own connection. A function that was frozen between two calls may hold connections that are
dead, and a reset after the request went out would leave a message in doubt for no reason. There are no retries and
no redirects; certificates are verified; both the time and the size of an answer are bounded, also against a server
that answers one byte at a time.
"""

import http.client
import io
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from chalicelib.domain.errors import OutcomeUnknownError, ProviderMisconfiguredError, ProviderUnavailableError
from chalicelib.settings import is_loopback

LARGEST_ANSWER = 4 * 1024 * 1024
_PIECE = 256 * 1024


@dataclass(frozen=True)
class Timeouts:
    """Seconds: to connect, between two bytes, and from the end of the request to the end of the answer."""

    connect: float = 3.0
    read: float = 10.0
    whole: float = 12.0


@dataclass(frozen=True)
class Reply:
    """A status and the body; the body is empty when it could not be read in full, within time and size."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)  # names in lower case

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty when it is anything else."""
        try:
            parsed = json.loads(self.body)
        except (ValueError, RecursionError):
            parsed = None  # not JSON: the status alone has to do
        return parsed if isinstance(parsed, dict) else {}


def check_host(provider: str, host: str, hosts: frozenset[str]) -> None:
    """ProviderMisconfiguredError for a host that is not the provider's; the machine itself is nobody else's."""
    if host not in hosts and not is_loopback(host):
        raise ProviderMisconfiguredError(provider, "host")


class Http:
    """Speaks HTTP to one provider, on its `hosts` and on no other.

    The ProviderError family leaves it, without the text of what went wrong.
    """

    def __init__(
        self,
        provider: str,
        *,
        hosts: frozenset[str] = frozenset(),
        timeouts: Timeouts = Timeouts(),
        largest: int = LARGEST_ANSWER,
    ) -> None:
        self._provider = provider
        self._hosts = hosts
        self._timeouts = timeouts
        self._largest = largest

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Reply:
        """Sends a body. OutcomeUnknownError once it may have arrived and no status came back."""
        return self._request("POST", url, headers=headers, body=body)

    def delete(self, url: str, *, headers: Mapping[str, str]) -> Reply:
        """Takes something away. OutcomeUnknownError once it may have arrived and no status came back."""
        return self._request("DELETE", url, headers=headers, body=None)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Reply:
        """Asks for something. Asking changes nothing, so without a status it is ProviderUnavailableError."""
        try:
            return self._request("GET", url, headers=headers or {}, body=None)
        except OutcomeUnknownError as error:
            raise ProviderUnavailableError(self._provider, error.code) from None

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Reply:
        """Any other method. OutcomeUnknownError once it may have been carried out and no status came back."""
        return self._request(method, url, headers=headers, body=body)

    def _request(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None) -> Reply:
        parts = urlsplit(url)
        connection, line = self._connect(self._connection(parts))
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        all_headers = {"accept-encoding": "identity", "user-agent": "Zusage", **headers}
        try:
            connection.request(method, target, body=body, headers=all_headers, preload_content=False)
            response = connection.getresponse()
            given = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, _body_of(response, self._largest), given)
        except _BROKEN as error:
            code = "timeout" if isinstance(error, TimeoutError) else "no-answer"
            raise OutcomeUnknownError(self._provider, code) from None  # its text could hold the URL
        finally:
            connection.close()
            line.hang_up()

    def _connection(self, parts: SplitResult) -> HTTPConnection:
        """A connection that is not open yet, to a host that may be reached."""
        host = parts.hostname or ""
        check_host(self._provider, host, self._hosts)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return kind(host, parts.port, timeout=self._timeouts.connect)

    def _connect(self, connection: HTTPConnection) -> "tuple[HTTPConnection, _PatientSocket]":
        try:
            connection.connect()
        except (OSError, urllib3.exceptions.HTTPError):
            connection.close()
            raise ProviderUnavailableError(self._provider, "connect") from None
        line = _PatientSocket(cast("socket.socket", connection.sock), self._timeouts)
        connection.timeout = self._timeouts.read
        connection.sock = cast("socket.socket", line)
        return connection, line


_BROKEN = (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError)


def _body_of(response: urllib3.BaseHTTPResponse, largest: int) -> bytes:
    body = b""
    try:
        while len(body) <= largest and (piece := response.read(_PIECE, decode_content=False)):
            body += piece
    except _BROKEN:
        return b""  # the status came; it alone has to do
    return body if len(body) <= largest else b""


class _PatientSocket:
    """The socket as `http.client` uses it, with an end to its patience: the time left shrinks with each read."""

    def __init__(self, inner: socket.socket, timeouts: Timeouts) -> None:
        self._inner = inner
        self._timeouts = timeouts

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What the answer is read from; opened when the request is out, which is when the patience starts."""
        return io.BufferedReader(_PatientReader(self._inner, self._timeouts))

    def close(self) -> None:
        """Nothing yet: `http.client` closes as soon as it has seen the headers of an answer that ends with the line."""

    def hang_up(self) -> None:
        """Closes the socket for good."""
        self._inner.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _PatientReader(io.RawIOBase):
    def __init__(self, inner: socket.socket, timeouts: Timeouts) -> None:
        self._inner = inner
        self._read = timeouts.read
        self._end = monotonic() + timeouts.whole

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError
        self._inner.settimeout(min(self._read, left))
        return self._inner.recv_into(buffer)
