"""Simulated providers, requests to them and mails, for their tests."""

import base64
import email.policy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlencode

from infra.local.http_calls import HttpAnswer, call
from infra.local.providers.exchange import Request, Response
from infra.local.providers.server import SimulatorServer
from infra.local.providers.setup import Setup
from infra.local.providers.simulator import Simulator

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
API = "http://app.localhost:1"
REFERENCE = "Ab-_" * 16
CALENDAR_FILE = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@example.ch\r\n"
    b"DTSTAMP:20260301T080000Z\r\nDTSTART:20260310T130000Z\r\nDTEND:20260310T134500Z\r\nSUMMARY:Massage\r\n"
    b"LOCATION:Seestrasse 1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def a_simulator(**settings: Any) -> Simulator:
    """Simulated providers at a fixed time."""
    return Simulator(Setup(**{"clock": lambda: NOW, "api_base": API, **settings}))


def answer(simulator: Simulator, request: Request) -> Response:
    """What a provider answers; fails the test when it does not."""
    outcome = simulator.handle(request)
    assert outcome is not None
    assert outcome.response is not None
    return outcome.response


def basic(user: str, password: str) -> dict[str, str]:
    """The header of basic authentication."""
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def a_mail(**changes: Any) -> EmailMessage:
    """A mail with both bodies and an invitation."""
    fields = {"to": "anna@example.ch", "subject": "Ihr Termin in Zürich", **changes}
    mail = EmailMessage(policy=email.policy.SMTP.clone(cte_type="7bit"))
    mail["From"] = "Praxis <termine@mail.example.ch>"
    mail["To"] = fields["to"]
    mail["Subject"] = fields["subject"]
    mail.set_content("Grüezi Anna")
    mail.add_alternative("<p>Grüezi Anna</p>", subtype="html")
    mail.add_attachment(CALENDAR_FILE, maintype="text", subtype="calendar", filename="termin.ics")
    return mail


def mailgun_request(simulator: Simulator, fields: dict[str, bytes], **changes: Any) -> Request:
    """A mail for Mailgun as raw MIME; `fields` replace what a right request has, empty ones are left out."""
    complete = {"to": b"anna@example.ch", "message": a_mail().as_bytes(), "v:ref": REFERENCE.encode(), **fields}
    parts = [
        b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in complete.items()
        if value
    ]
    settings: dict[str, Any] = {
        "method": "POST",
        "path": "/mailgun/v3/mail.example.ch/messages.mime",
        "headers": {
            **basic("api", simulator.setup.secrets["mailgun_api_key"]),
            "content-type": "multipart/form-data; boundary=edge",
        },
        "body": b"".join(parts) + b"--edge--\r\n",
    }
    return Request(**{**settings, **changes})


def twilio_request(simulator: Simulator, fields: dict[str, str], **changes: Any) -> Request:
    """A text message for Twilio; `fields` replace what a right request has, empty ones are left out."""
    account = simulator.setup.account["TwilioAccountSid"]
    callback = f"{API}/v1/webhooks/twilio/status/{REFERENCE}"
    complete = {"To": "+41790000002", "From": "+41790000001", "Body": "Grüezi", "StatusCallback": callback, **fields}
    settings: dict[str, Any] = {
        "method": "POST",
        "path": f"/twilio/2010-04-01/Accounts/{account}/Messages.json",
        "headers": basic(account, simulator.setup.secrets["twilio_auth_token"]),
        "body": urlencode({name: value for name, value in complete.items() if value}).encode(),
    }
    return Request(**{**settings, **changes})


def smsapi_request(simulator: Simulator, fields: dict[str, str], **changes: Any) -> Request:
    """A text message for SMSAPI; `fields` replace what a right request has, empty ones are left out."""
    secret = simulator.setup.secrets["smsapi_callback_secret"]
    complete = {
        "to": "41790000003",
        "from": "Zusage",
        "message": "Grüezi",
        "idx": "one",
        "check_idx": "1",
        "notify_url": f"{API}/v1/webhooks/smsapi/{secret}/{REFERENCE}",
        **fields,
    }
    settings: dict[str, Any] = {
        "method": "POST",
        "path": "/smsapi/sms.do",
        "headers": {"authorization": f"Bearer {simulator.setup.secrets['smsapi_token']}"},
        "body": urlencode({name: value for name, value in complete.items() if value}).encode(),
    }
    return Request(**{**settings, **changes})


@contextmanager
def serving(simulator: Simulator) -> Iterator[SimulatorServer]:
    """The simulated providers on a port."""
    server = SimulatorServer(simulator)
    threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True).start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()


def ask(server: SimulatorServer, request: Request, *, timeout: float = 5) -> HttpAnswer:
    """Sends a request over the network."""
    query = f"?{urlencode(request.query)}" if request.query else ""
    headers = {"Content-Length": str(len(request.body)), **request.headers}
    return call(
        server.port,
        request.method,
        request.path + query,
        host=f"127.0.0.1:{server.port}",
        body=request.body or None,
        headers=headers,
        timeout=timeout,
    )
