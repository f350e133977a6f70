"""Lets a simulated provider call the API, and never anywhere but on this machine."""

import http.client
from urllib.parse import urlsplit

from chalicelib.domain.clock import Clock
from infra.local.providers.exchange import Call
from infra.local.providers.inbox import Report

_LOOPBACK = "127.0.0.1"
_TIMEOUT = 15  # seconds that the documented providers wait for an answer


def deliver(call: Call, *, event: str, clock: Clock) -> Report:
    """Makes the call and returns what was answered; status 0 when nothing was."""
    url = urlsplit(call.url)
    host = url.hostname or ""
    if url.scheme != "http" or not (host in {_LOOPBACK, "localhost"} or host.endswith(".localhost")):
        return Report(event=event, status=0, answer=f"not called: {host or 'no address'} is not here", at=clock())
    path = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    connection = http.client.HTTPConnection(_LOOPBACK, url.port or 80, timeout=_TIMEOUT)
    try:
        connection.request(call.method, path, body=call.body or None, headers={"Host": url.netloc, **call.headers})
        answer = connection.getresponse()
        text = answer.read(2000).decode("utf-8", errors="replace")
        return Report(event=event, status=answer.status, answer=text, at=clock())
    except (OSError, http.client.HTTPException) as problem:
        return Report(event=event, status=0, answer=f"no answer: {type(problem).__name__}", at=clock())
    finally:
        connection.close()
