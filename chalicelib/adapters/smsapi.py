"""SMSAPI (LINK Mobility): text messages. The one provider that recognises a message handed over twice (`idx`)."""

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from chalicelib.adapters._http import Http
from chalicelib.adapters._provider import Outside, Provider, accepted_id, http_for, origin, refusal, required
from chalicelib.domain.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RecipientRefusedError,
)
from chalicelib.services.ports import Email, Sms

NAME = "smsapi"

DUPLICATE = 53
NO_SUCH_NUMBER = 13

PASSING = frozenset({8, 201, 666, 999})
"""Errors of their machines. Should a message have been taken after all, `idx` stops the second one."""

KINDS: Mapping[int, type[ProviderError]] = {}


def idx_of(reference: str) -> str:
    """Our reference as SMSAPI takes it: short, and without capitals, which it may not tell apart."""
    return hashlib.sha256(reference.encode()).hexdigest()[:32]


class SmsapiSms(Provider[Sms]):
    """Sends text messages. Its errors come with status 200, so the body decides."""

    name: ClassVar[str] = NAME
    processor: ClassVar[str] = NAME
    takes: ClassVar[type[Email | Sms]] = Sms
    receives: ClassVar[frozenset[str]] = frozenset({"to", "text", "reference"})
    knows_repeats: ClassVar[bool] = True

    def __init__(
        self, *, base_url: str, token: str, sender: str, public_base_url: str, callback_secret: str, http: Http
    ) -> None:
        self._url = f"{base_url}/sms.do"
        self._auth = {"authorization": f"Bearer {token}"}
        self._sender = sender
        self._callback = f"{public_base_url}/v1/webhooks/smsapi/{quote(callback_secret, safe='')}"
        self._http = http

    def _send(self, sms: Sms) -> str:
        idx = idx_of(sms.reference)
        reply = self._http.post(
            self._url,
            headers={**self._auth, "content-type": "application/x-www-form-urlencoded"},
            body=urlencode(self._fields(sms, idx)).encode(),
        )
        answer = reply.json()
        if answer.get("error") == DUPLICATE:
            return f"idx:{idx}"  # taken before; only the first answer told the id
        if reply.status != 200 and (reply.status >= 429 or "error" not in answer):
            raise refusal(self.name, reply.status, KINDS)
        listed = _first(answer.get("list"))
        code = answer.get("error", listed.get("error"))
        if code is not None:
            raise _refusal(code)
        return accepted_id(self.name, reply, listed.get("id"))

    def _fields(self, sms: Sms, idx: str) -> dict[str, str]:
        return {
            "to": sms.to.removeprefix("+"),
            "message": sms.text,
            "from": self._sender,
            "encoding": "utf-8",
            "format": "json",
            "idx": idx,
            "check_idx": "1",
            "notify_url": f"{self._callback}/{sms.reference}",
        }


def _refusal(code: object) -> ProviderError:
    if not isinstance(code, int):
        return OutcomeUnknownError(NAME, "nonsense")
    if code == NO_SUCH_NUMBER:
        return RecipientRefusedError(NAME, str(code), suppress=True)
    return (ProviderUnavailableError if code in PASSING else ProviderMisconfiguredError)(NAME, str(code))


def _first(listed: object) -> dict[str, Any]:
    first = listed[0] if isinstance(listed, list) and listed else None
    return first if isinstance(first, dict) else {}


def build(config: Mapping[str, str], secrets: Mapping[str, str], outside: Outside) -> SmsapiSms:
    """The provider out of settings and secrets."""
    return SmsapiSms(
        base_url=origin(NAME, config, "smsapi_base_url", outside),
        token=required(NAME, secrets, "smsapi_token"),
        sender=required(NAME, config, "smsapi_sender"),
        public_base_url=required(NAME, config, "public_base_url"),
        callback_secret=required(NAME, secrets, "smsapi_callback_secret"),
        http=http_for(NAME, outside),
    )
