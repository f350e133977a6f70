"""A provider on 127.0.0.1 that does what a test tells it to: answers, nonsense, silence, resets, one byte at a time."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from chalicelib.adapters._http import Http, Timeouts

IMPATIENT = Timeouts(connect=2.0, read=0.25, whole=0.5)
"""Short enough to test silence, long enough for a busy machine to answer what it has at hand."""

PATIENT = Timeouts(connect=5.0, read=5.0, whole=5.0)


@dataclass(frozen=True)
class Seen:
    """A request as it arrived; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query's fields."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The body's fields."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


Behaviour = Callable[["_Handler"], None]


def answers(status: int, body: bytes | str = b"", **headers: str) -> Behaviour:
    """Answers at once."""
    content = body.encode() if isinstance(body, str) else body

    def behave(handler: "_Handler") -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return behave


def writes(raw: bytes) -> Behaviour:
    """Writes these bytes in the place of an answer, and closes."""

    def behave(handler: "_Handler") -> None:
        handler.wfile.write(raw)
        handler.close_connection = True

    return behave


def stays_silent(handler: "_Handler") -> None:
    """Says nothing until the test is over."""
    handler.provider.over.wait(30)
    handler.close_connection = True


def resets(handler: "_Handler") -> None:
    """Takes the request and cuts the line."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True


def trickles(beginning: bytes) -> Behaviour:
    """Begins, then sends one byte after the other, each soon enough to look alive."""

    def behave(handler: "_Handler") -> None:
        handler.close_connection = True
        try:
            handler.wfile.write(beginning)
            while not handler.provider.over.wait(0.03):
                handler.wfile.write(b"x")
        except OSError:
            pass  # the caller has hung up, which is what it should do

    return behave


@dataclass
class ProviderServer:
    """The server. Behaviours are used up one a request; the last one stays."""

    behaviours: list[Behaviour]
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def http(self, timeouts: Timeouts = PATIENT) -> Http:
        """What the adapters use to speak to it."""
        return Http("tested", timeouts=timeouts)

    def next(self) -> Behaviour:
        """What to do with the request that just came in."""
        return self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]


class _Handler(BaseHTTPRequestHandler):
    provider: ProviderServer

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PROPFIND(self) -> None:
        self._serve()

    def do_REPORT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.provider.seen.append(Seen(self.command, self.path, headers, body))
        self.provider.next()(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
        """Nothing: a test's output is its own."""


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: callers hang up on purpose here."""


@contextmanager
def provider(*behaviours: Behaviour, context: ssl.SSLContext | None = None) -> Iterator[ProviderServer]:
    """A running server, over when the block ends."""
    state = ProviderServer(list(behaviours))
    handler = type("Handler", (_Handler,), {"provider": state})
    server = _Server(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    state.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        state.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
