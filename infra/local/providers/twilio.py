"""A simulated Twilio: takes text messages, lists them, reports their status, and passes on STOP."""

import re
import uuid
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from chalicelib.messages.sms_segments import count
from infra.local.providers.exchange import Call, Request, Response, UnknownEventError, json_response
from infra.local.providers.inbox import Captured, Message
from infra.local.providers.setup import Setup
from infra.local.providers.signing import twilio_signature

NAME = "twilio"
_STATUSES = {
    "delivered": ("delivered", ""),
    "bounced": ("undelivered", "30005"),
    "failed": ("failed", "30008"),
    "deferred": ("sent", ""),
}
_KEYWORDS = {"stop": "STOP", "start": "START"}
EVENTS = (*_STATUSES, *_KEYWORDS)
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_MESSAGES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    21211: "The 'To' number is not a valid phone number.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21609: "The 'StatusCallback' URL is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit",
}


class Twilio:
    """One account with one number."""

    name = NAME
    prefix = "/twilio/2010-04-01/Accounts/"
    events = EVENTS

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._opted_out: set[tuple[str, str]] = set()

    def answer(self, request: Request) -> Response:
        """What Twilio answers; takes the message when all is well."""
        secrets, account = self._setup.secrets, self._setup.account["TwilioAccountSid"]
        keys = {secrets["twilio_api_key_sid"]: secrets["twilio_api_key_secret"], account: secrets["twilio_auth_token"]}
        user, password = request.basic_auth()
        if not password or keys.get(user) != password:
            return self.error(401, 20003)
        if request.path != f"{self.prefix}{account}/Messages.json":
            return self.error(404, 20404)
        if request.method == "GET":
            return self._list(request)
        return self._take(request.form())

    def error(self, status: int, code: int) -> Response:
        """How Twilio says that it failed."""
        code = code or {429: 20429, 401: 20003}.get(status, 20500)
        more = f"https://www.twilio.com/docs/errors/{code}"
        text = _MESSAGES.get(code, "An internal server error has occurred")
        return json_response(status, {"code": code, "message": text, "more_info": more, "status": status})

    def _take(self, form: dict[str, str]) -> Response:
        code = self._refusal(form)
        if code:
            return self.error(400, code)
        message = self._setup.inbox.add(
            Captured(
                kind="sms",
                provider=NAME,
                provider_id=f"SM{uuid.uuid4().hex}",
                at=self._setup.clock(),
                to=form["To"],
                sender=form["From"],
                text=form["Body"],
                callback_url=form.get("StatusCallback", ""),
                details={name: form[name] for name in form if name not in {"To", "From", "Body", "StatusCallback"}},
                received=form,
            )
        )
        return json_response(201, self._resource(message))

    def _refusal(self, form: dict[str, str]) -> int:
        """The code of what is wrong with the message; 0 when nothing is."""
        required = {"To": 21604, "From": 21603, "Body": 21602}
        for name, code in required.items():
            if not form.get(name):
                return code
        checks = {
            21211: not _PHONE.fullmatch(form["To"]),
            21617: len(form["Body"]) > 1600,
            21609: not _is_callback(form.get("StatusCallback", "")),
            21610: (form["From"], form["To"]) in self._opted_out,
        }
        return next((code for code, wrong in checks.items() if wrong), 0)

    def _list(self, request: Request) -> Response:
        found = [
            self._resource(message)
            for message in reversed(self._setup.inbox.all(provider=NAME))
            if _fits(message.captured, request)
        ]
        size = int(request.query.get("PageSize", 50))
        return json_response(200, {"messages": found[:size], "page": 0, "page_size": size, "next_page_uri": None})

    def _resource(self, message: Message) -> dict[str, Any]:
        taken = message.captured
        reported = [_STATUSES[report.event][0] for report in message.reports if report.event in _STATUSES]
        account = self._setup.account["TwilioAccountSid"]
        return {
            "sid": taken.provider_id,
            "status": reported[-1] if reported else "queued",
            "to": taken.to,
            "from": taken.sender,
            "body": taken.text,
            "num_segments": str(count(taken.text).segments),
            "num_media": "0",
            "direction": "outbound-api",
            "date_created": format_datetime(taken.at),
            "date_updated": format_datetime(taken.at),
            "date_sent": format_datetime(taken.at),
            "error_code": None,
            "error_message": None,
            "price": None,
            "price_unit": "USD",
            "messaging_service_sid": None,
            "account_sid": account,
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{account}/Messages/{taken.provider_id}.json",
        }

    def report(self, message: Message, event: str) -> Call:
        """The status callback, or the inbound message when the person wrote STOP or START."""
        if event in _KEYWORDS:
            return self._inbound(message.captured, _KEYWORDS[event])
        if event not in _STATUSES:
            raise UnknownEventError(event)
        taken, (status, code) = message.captured, _STATUSES[event]
        fields = {
            "MessageSid": taken.provider_id,
            "SmsSid": taken.provider_id,
            "MessageStatus": status,
            "SmsStatus": status,
            "AccountSid": self._setup.account["TwilioAccountSid"],
            "From": taken.sender,
            "To": taken.to,
            "ApiVersion": "2010-04-01",
        }
        if code:
            fields["ErrorCode"] = code
        return self._signed(taken.callback_url, fields)

    def _inbound(self, taken: Captured, keyword: str) -> Call:
        pair = (taken.sender, taken.to)
        (self._opted_out.add if keyword == "STOP" else self._opted_out.discard)(pair)
        sid = f"SM{uuid.uuid4().hex}"
        fields = {
            "ToCountry": "CH",
            "ToState": "",
            "SmsMessageSid": sid,
            "NumMedia": "0",
            "ToCity": "",
            "SmsSid": sid,
            "SmsStatus": "received",
            "Body": keyword,
            "To": taken.sender,
            "From": taken.to,
            "OptOutType": keyword,
            "NumSegments": "1",
            "MessageSid": sid,
            "AccountSid": self._setup.account["TwilioAccountSid"],
            "ApiVersion": "2010-04-01",
        }
        return self._signed(f"{self._setup.api_base}/v1/webhooks/twilio/inbound", fields)

    def _signed(self, url: str, fields: dict[str, str]) -> Call:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "X-Twilio-Signature": twilio_signature(self._setup.secrets["twilio_auth_token"], url, fields.items()),
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
        }
        return Call("POST", url, headers, urlencode(fields).encode())


def _is_callback(url: str) -> bool:
    """Whether Twilio would call `url`; none at all is fine."""
    host = urlsplit(url).hostname or ""
    return not url or (urlsplit(url).scheme in {"http", "https"} and bool(host) and "_" not in host)


def _fits(taken: Captured, request: Request) -> bool:
    query = request.query
    since = query.get("DateSent>") or query.get("DateSent>=")
    if since and taken.at < _instant(since):
        return False
    return query.get("To") in (None, taken.to) and query.get("From") in (None, taken.sender)


def _instant(text: str) -> datetime:
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else datetime.fromisoformat(f"{parsed.isoformat()}+00:00")
