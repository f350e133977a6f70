"""A simulated SMSAPI: takes text messages; its errors come with status 200, its reports with a secret in the path."""

import re
import uuid
from typing import Any
from urllib.parse import urlencode

from chalicelib.messages.sms_segments import count
from infra.local.providers.exchange import Call, Request, Response, UnknownEventError, json_response
from infra.local.providers.inbox import Captured, Message
from infra.local.providers.setup import Setup

NAME = "smsapi"
_STATUSES = {
    "delivered": (404, "DELIVERED"),
    "bounced": (405, "UNDELIVERED"),
    "failed": (406, "FAILED"),
    "deferred": (411, "RENEWAL"),
    "stop": (412, "STOP"),
}
EVENTS = tuple(_STATUSES)
_PHONE = re.compile(r"\+?[1-9]\d{6,14}")
_MESSAGES = {
    11: "The message is too long or there is no message",
    13: "No correct phone numbers",
    14: "Wrong sender name",
    53: "Message with this idx was already sent",
    101: "Authorization failed",
    103: "Not enough credits",
    110: "Action not allowed",
    999: "Internal system error",
}


class Smsapi:
    """One account with one sender name."""

    name = NAME
    prefix = "/smsapi/"
    events = EVENTS

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    def answer(self, request: Request) -> Response:
        """What SMSAPI answers; takes the message when all is well."""
        if request.headers.get("authorization") != f"Bearer {self._setup.secrets['smsapi_token']}":
            return self.error(401, 101)
        if request.path != "/smsapi/sms.do" or request.method != "POST":
            return self.error(404, 110)
        form = request.form()
        code = self._refusal(form)
        return self.error(200, code) if code else self._take(form)

    def error(self, status: int, code: int) -> Response:
        """How SMSAPI says that it failed."""
        code = code or 999
        content: dict[str, Any] = {"error": code, "message": _MESSAGES.get(code, "Error")}
        if code == 13:
            content["invalid_numbers"] = []
        return json_response(status, content)

    def _refusal(self, form: dict[str, str]) -> int:
        """The number of what is wrong with the message; 0 when nothing is."""
        checks = {
            13: not _PHONE.fullmatch(form.get("to", "")),
            11: not form.get("message") or count(form["message"]).segments > int(form.get("max_parts", 10)),
            14: form.get("from", "") != self._setup.account["SmsapiSender"],
            53: form.get("check_idx") == "1" and self._was_sent(form.get("idx", "")),
        }
        return next((code for code, wrong in checks.items() if wrong), 0)

    def _was_sent(self, idx: str) -> bool:
        return any(message.captured.variables.get("idx") == idx for message in self._setup.inbox.all(provider=NAME))

    def _take(self, form: dict[str, str]) -> Response:
        number = form["to"].lstrip("+")
        taken = self._setup.inbox.add(
            Captured(
                kind="sms",
                provider=NAME,
                provider_id=uuid.uuid4().hex[:24].upper(),
                at=self._setup.clock(),
                to=f"+{number}",
                sender=form["from"],
                text=form["message"],
                callback_url=form.get("notify_url", ""),
                variables={"idx": form.get("idx", "")},
                received=form,
            )
        ).captured
        entry = {
            "id": taken.provider_id,
            "points": 0.16,
            "number": number,
            "date_sent": int(taken.at.timestamp()),
            "submitted_number": form["to"],
            "status": "QUEUE",
            "error": None,
            "idx": form.get("idx"),
            "parts": count(taken.text).segments,
        }
        return json_response(200, {"count": 1, "list": [entry]})

    def report(self, message: Message, event: str) -> Call:
        """The delivery report: a GET without a signature."""
        if event not in _STATUSES:
            raise UnknownEventError(event)
        taken, (number, name) = message.captured, _STATUSES[event]
        query = {
            "MsgId": taken.provider_id,
            "status": number,
            "status_name": name,
            "idx": taken.variables["idx"],
            "donedate": int(self._setup.clock().timestamp()),
            "sent_at": int(taken.at.timestamp()),
            "from": taken.sender,
            "to": taken.to.lstrip("+"),
            "points": "0.16",
            "username": "zusage",
            "mcc": "228",
            "mnc": "1",
        }
        joint = "&" if "?" in taken.callback_url else "?"
        return Call("GET", f"{taken.callback_url}{joint}{urlencode(query)}", {})
