"""Serves the simulated providers and the inbox on the loopback address."""

import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from infra.local.providers.exchange import Request, Response, text_response
from infra.local.providers.inbox_api import InboxApi
from infra.local.providers.simulator import Outcome, Simulator

_HOSTS = ("127.0.0.1", "localhost", "inbox.localhost")


class SimulatorServer(ThreadingHTTPServer):
    """One port for everything: the providers under their prefixes, the inbox elsewhere."""

    daemon_threads = True

    def __init__(self, simulator: Simulator, *, port: int = 0) -> None:
        self.simulator = simulator
        self.inbox_api = InboxApi(simulator)
        self.stopping = threading.Event()
        super().__init__(("127.0.0.1", port), _Handler)
        simulator.setup.own_url = self.url

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def outcome(self, request: Request) -> Outcome:
        """What happens to a request. Other host names are refused, so that no web site can point its own name at us."""
        host, _, port = request.headers.get("host", "").partition(":")
        if host not in _HOSTS or port != str(self.port):
            return Outcome(text_response(403, "This server answers to 127.0.0.1 and localhost only."))
        return self.simulator.handle(request) or Outcome(self.inbox_api.answer(request))


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: SimulatorServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        outcome = self.server.outcome(self._request())
        self.server.stopping.wait(outcome.seconds)
        if outcome.response is not None:
            self._send(outcome.response)
            return
        self.close_connection = True
        if outcome.reset:
            # Closing with unsent data thrown away sends a reset instead of an end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = _serve  # noqa: N815 - http.server's names
    do_PATCH = do_PROPFIND = do_REPORT = do_MKCALENDAR = _serve  # noqa: N815 - as above

    def _request(self) -> Request:
        url = urlsplit(self.path)
        return Request(
            method=self.command,
            path=url.path,
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )

    def _send(self, response: Response) -> None:
        self.send_response_only(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        # One write for head and body: two would wait for each other's acknowledgement.
        head = b"".join(self._headers_buffer)
        self._headers_buffer: list[bytes] = []
        self.wfile.write(head + b"\r\n" + (b"" if self.command == "HEAD" else response.body))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Says nothing: addresses and texts of people pass through here."""
