"""A simulated Mailgun: takes e-mail, lists events, and reports by signed webhook."""

import json
import uuid
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlencode

from infra.local.providers.exchange import Call, Request, Response, UnknownEventError, json_response, text_response
from infra.local.providers.inbox import Captured, Message
from infra.local.providers.mime import Mail, read_mail, read_multipart
from infra.local.providers.setup import Setup
from infra.local.providers.signing import mailgun_signature

NAME = "mailgun"
EVENTS = ("delivered", "bounced", "complained", "failed", "deferred")
_VARIABLES = "X-Mailgun-Variables"
_OPTIONS_LIMIT = 16 * 1024
_SIZE_LIMIT = 52_400_000


class Mailgun:
    """One account with one domain."""

    name = NAME
    prefix = "/mailgun/v3/"
    events = EVENTS

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    def answer(self, request: Request) -> Response:
        """What Mailgun answers; takes the message when all is well."""
        if request.basic_auth() != ("api", self._setup.secrets["mailgun_api_key"]):
            return text_response(401, "Forbidden")
        domain, _, resource = request.path.removeprefix(self.prefix).partition("/")
        if domain != self._setup.account["MailgunDomain"]:
            return json_response(404, {"message": f"Domain not found: {domain}"})
        if request.method == "GET" and resource == "events":
            return self._events(request)
        if request.method == "POST" and resource in {"messages", "messages.mime"}:
            return self._take(request, raw=resource == "messages.mime")
        return text_response(404, "Not Found")

    def error(self, status: int, code: int) -> Response:
        """How Mailgun says that it failed."""
        when = "Thu, 01 Jan 2026 00:00:00 GMT"
        reasons = {429: f"request limit exceeded, try again after {when}", 402: "Domain is disabled"}
        return json_response(status, {"message": reasons.get(status, "Internal Server Error")})

    def _take(self, request: Request, *, raw: bool) -> Response:
        content_type = request.headers.get("content-type", "")
        if len(request.body) > _SIZE_LIMIT:
            return text_response(413, "Request Entity Too Large")
        if content_type.startswith("multipart/form-data"):
            fields = read_multipart(content_type, request.body)
        else:
            fields = {name: value.encode() for name, value in request.form().items()}
        refusal = _refusal(fields, raw=raw)
        if refusal:
            return json_response(400, {"message": refusal})
        message_id = self._keep(fields, raw=raw)
        return json_response(200, {"id": message_id, "message": "Queued. Thank you."})

    def _keep(self, fields: dict[str, bytes], *, raw: bool) -> str:
        now = self._setup.clock()
        mail = read_mail(fields["message"]) if raw else _composed(fields)
        message_id = mail.header("Message-ID") or (
            f"<{now:%Y%m%d%H%M%S}.{uuid.uuid4().hex[:16]}@{self._setup.account['MailgunDomain']}>"
        )
        variables = {name[2:]: value.decode() for name, value in fields.items() if name.startswith("v:")}
        self._setup.inbox.add(
            Captured(
                kind="email",
                provider=NAME,
                provider_id=message_id,
                at=now,
                to=parseaddr(fields["to"].decode())[1],
                sender=mail.sender,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                headers=mail.headers,
                files=mail.files,
                variables={**json.loads(mail.header(_VARIABLES) or "{}"), **variables},
                received={name: value.decode(errors="replace") for name, value in fields.items()},
            )
        )
        return message_id

    def _events(self, request: Request) -> Response:
        """A page of the events that we keep, which is that mails were accepted; the page after the last is empty."""
        query = dict(request.query)
        begin, end = float(query.get("begin", 0)), float(query.get("end", "inf"))
        start, limit = int(query.get("start", 0)), int(query.get("limit", 100))
        items = [
            _event(message, {"event": "accepted"}, at=message.captured.at.timestamp())
            for message in self._setup.inbox.all(provider=NAME)
            if begin <= message.captured.at.timestamp() <= end
            and query.get("recipient") in (None, message.captured.to)
            and query.get("event") in (None, "accepted")
        ]
        items = items if query.get("ascending") == "yes" else items[::-1]
        following = urlencode({**query, "start": start + limit})
        paging = {"next": f"{self._setup.own_url}{request.path}?{following}"}
        return json_response(200, {"items": items[start : start + limit], "paging": paging})

    def report(self, message: Message, event: str) -> Call:
        """The webhook call that tells of `event`; a failure for good is reported as one that suppresses the address."""
        if event not in EVENTS:
            raise UnknownEventError(event)
        at = self._setup.clock().timestamp()
        timestamp, token = str(int(at)), uuid.uuid4().hex + uuid.uuid4().hex[:18]
        signature = mailgun_signature(self._setup.secrets["mailgun_signing_key"], timestamp, token)
        content = {
            "signature": {"timestamp": timestamp, "token": token, "signature": signature},
            "event-data": _event(message, _OUTCOMES[event], at=at),
        }
        url = f"{self._setup.api_base}/v1/webhooks/mailgun"
        return Call("POST", url, {"Content-Type": "application/json"}, json.dumps(content).encode())


_OUTCOMES: dict[str, dict[str, Any]] = {
    "delivered": {"event": "delivered", "delivery-status": {"code": 250, "message": "OK"}},
    "bounced": {
        "event": "failed",
        "severity": "permanent",
        "reason": "bounce",
        "delivery-status": {"code": 550, "enhanced-code": "5.1.1", "message": "No such mailbox"},
    },
    "failed": {
        "event": "failed",
        "severity": "permanent",
        "reason": "old",
        "delivery-status": {"code": 602, "message": "Too old"},
    },
    "deferred": {
        "event": "failed",
        "severity": "temporary",
        "reason": "generic",
        "delivery-status": {"code": 451, "message": "Try again later", "attempt-no": 1, "retry-seconds": 600},
    },
    "complained": {"event": "complained"},
}


def _event(message: Message, outcome: dict[str, Any], *, at: float) -> dict[str, Any]:
    taken = message.captured
    return {
        **outcome,
        "id": uuid.uuid4().hex[:22],
        "timestamp": at,
        "recipient": taken.to,
        "recipient-domain": taken.to.partition("@")[2],
        "message": {
            "headers": {
                "message-id": taken.provider_id.strip("<>"),
                "to": taken.to,
                "from": taken.sender,
                "subject": taken.subject,
            },
            "attachments": [],
            "size": len(taken.text) + len(taken.html),
        },
        "flags": {"is-test-mode": False, "is-routed": False},
        "tags": [],
        "user-variables": dict(taken.variables),
    }


def _refusal(fields: dict[str, bytes], *, raw: bool) -> str:
    """Why the fields are no message; empty when they are."""
    for name in ("to", "message") if raw else ("from", "to", "subject"):
        if not fields.get(name):
            return f"{name} parameter is missing"
    if "@" not in parseaddr(fields["to"].decode())[1]:
        return "'to' parameter is not a valid address. please check documentation"
    if not raw and not fields.keys() & {"text", "html"}:
        return "Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified"
    if sum(len(value) for name, value in fields.items() if name[:2] in {"o:", "h:", "v:"}) > _OPTIONS_LIMIT:
        return "o:, h:, v: and t: parameters are too large"
    return ""


def _composed(fields: dict[str, bytes]) -> Mail:
    decoded = {name: value.decode(errors="replace") for name, value in fields.items()}
    headers = [(name.title(), decoded[name]) for name in ("from", "to", "subject")]
    headers += [(name[2:], value) for name, value in decoded.items() if name.startswith("h:")]
    return Mail(
        decoded["subject"], decoded["from"], decoded.get("text", ""), decoded.get("html", ""), tuple(headers), ()
    )
