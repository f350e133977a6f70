"""The calls that providers make to us, genuinely signed and in the hands of tests, which can spoil or repeat them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from infra.local.http_calls import HttpAnswer
from infra.local.providers.exchange import Call
from infra.local.providers.inbox import Captured, Message
from infra.local.providers.mailgun import Mailgun
from infra.local.providers.setup import Setup
from infra.local.providers.smsapi import Smsapi
from infra.local.providers.twilio import Twilio
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, Stack

CHANNELS = {"mailgun": "email", "ses": "email", "twilio": "sms", "smsapi": "sms"}
_PREFERRED = {"ses": "mailgun", "smsapi": "twilio"}
_SIMULATED: Any = {"mailgun": Mailgun, "twilio": Twilio, "smsapi": Smsapi}


def sent_by(stack: Stack, provider: str) -> tuple[str, dict[str, Any]]:
    """An appointment's id, and its confirmation as this provider took it."""
    anna, practice = Person(), stack.business()
    if provider in _PREFERRED:
        stack.inbox.fail(_PREFERRED[provider], "status", status=503, times=1)
    booked = stack.book(practice, anna, sms=CHANNELS[provider] == "sms")
    taken = stack.mail(anna, BOOKED) if CHANNELS[provider] == "email" else stack.inbox.wait_for(1, to=anna.phone)[0]
    assert taken["provider"] == provider
    return str(booked["id"]), taken


def report_of(stack: Stack, taken: dict[str, Any], event: str) -> Call:
    """The provider's genuine call that reports the event."""
    if taken["provider"] == "ses":
        return _overheard(stack, taken, event)
    setup = Setup(clock=stack.cloud.now, own_url=stack.inbox.url, api_base=stack.cloud.api_base)
    call: Call = _SIMULATED[taken["provider"]](setup).report(_message(taken), event)
    return call


def make(stack: Stack, call: Call) -> HttpAnswer:
    """Makes the call, from wherever."""
    url = urlsplit(call.url)
    path = f"{url.path}?{url.query}" if url.query else url.path
    return stack.cloud.call(call.method, path, body=call.body or None, headers=call.headers)


def _message(taken: dict[str, Any]) -> Message:
    captured = Captured(
        kind=taken["kind"],
        provider=taken["provider"],
        provider_id=taken["provider_id"],
        at=datetime.fromisoformat(taken["at"]),
        to=taken["to"],
        sender=taken["from"],
        text=taken["text"],
        callback_url=taken["callback_url"],
        variables=taken["variables"],
    )
    return Message(taken["id"], captured)


def _overheard(stack: Stack, taken: dict[str, Any], event: str) -> Call:
    """SNS signs with a key that only the simulator has: it is told another address, where we listen."""
    with _listening() as (url, calls):
        stack.inbox.configure(api_base=url)
        try:
            stack.inbox.report(taken["id"], event)
        finally:
            stack.inbox.configure(api_base=stack.cloud.api_base)
    return replace(calls[0], url=stack.cloud.api_base + urlsplit(calls[0].url).path)


@contextmanager
def _listening() -> Iterator[tuple[str, list[Call]]]:
    calls: list[Call] = []

    class Listener(BaseHTTPRequestHandler):
        """Takes everything."""

        def do_POST(self) -> None:
            """One call."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sent = {name: value for name, value in self.headers.items() if name not in {"Host", "Content-Length"}}
            calls.append(Call("POST", self.path, sent, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", calls
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
