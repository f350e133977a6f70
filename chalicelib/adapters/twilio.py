"""Twilio: text messages, through the region that keeps them in the EU (the base URL chooses it)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from urllib3.util import make_headers

from chalicelib.adapters._http import Http, Reply
from chalicelib.adapters._provider import Outside, Provider, accepted_id, http_for, origin, refusal, required
from chalicelib.domain.errors import (
    ProviderError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RecipientRefusedError,
)
from chalicelib.services.ports import Email, Sms

NAME = "twilio"

PASSING = frozenset({20429, 30001})
"""Too many requests, queue full: nothing was taken."""

REFUSED: Mapping[int, bool] = {
    21211: True,  # not a number
    21610: True,  # the recipient sent STOP
    21612: False,  # this sender can't reach this recipient; another sender may
    21614: True,  # not a mobile number
}
"""Codes about the recipient, and whether to stop for good. All others are about us: key, sender, country, our bug."""

KINDS: Mapping[int, type[ProviderError]] = {}

_PAGES = 5


class TwilioSms(Provider[Sms]):
    """Sends text messages. Twilio knows no references, so a message is found again by number, text and time."""

    name: ClassVar[str] = NAME
    processor: ClassVar[str] = NAME
    takes: ClassVar[type[Email | Sms]] = Sms
    receives: ClassVar[frozenset[str]] = frozenset({"to", "text", "reference"})

    def __init__(
        self,
        *,
        base_url: str,
        account_sid: str,
        user: str,
        password: str,
        sender: str,
        public_base_url: str,
        http: Http,
    ) -> None:
        self._base_url = base_url
        self._messages = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._auth = make_headers(basic_auth=f"{user}:{password}")
        self._sender = sender
        self._callback = f"{public_base_url}/v1/webhooks/twilio/status"
        self._http = http

    def _send(self, sms: Sms) -> str:
        sender = "MessagingServiceSid" if self._sender.startswith("MG") and len(self._sender) == 34 else "From"
        fields = {sender: self._sender, "To": sms.to, "Body": sms.text}
        fields["StatusCallback"] = f"{self._callback}/{sms.reference}"
        headers = {**self._auth, "content-type": "application/x-www-form-urlencoded"}
        reply = self._http.post(self._base_url + self._messages, headers=headers, body=urlencode(fields).encode())
        if reply.status not in (200, 201):
            raise _refusal(reply)
        return accepted_id(self.name, reply, reply.json().get("sid"))

    def _find(self, sms: Sms, *, since: datetime) -> str | None:
        """Asks by time and compares here: asking by number would put it into a URL, which servers write down."""
        target = self._messages + "?" + urlencode({"DateSent>": f"{since.astimezone(UTC):%Y-%m-%d}", "PageSize": 1000})
        for _ in range(_PAGES):
            page = self._page(target)
            messages = page.get("messages")
            found = next((each for each in messages or () if _is(each, sms, since)), None)
            if found:
                return str(found["sid"])
            target = page.get("next_page_uri") or ""
            if not target:
                return None
        raise ProviderUnavailableError(self.name, "too-many-messages")

    def _page(self, target: object) -> dict[str, Any]:
        if not isinstance(target, str) or not target.startswith(self._messages):
            raise ProviderUnavailableError(self.name, "no-next-page")  # the key goes to no other address
        reply = self._http.get(self._base_url + target, headers=self._auth)
        if reply.status != 200:
            raise _refusal(reply)
        page = reply.json()
        if not isinstance(page.get("messages"), list):
            raise ProviderUnavailableError(self.name, "nonsense")
        return page


def _refusal(reply: Reply) -> ProviderError:
    code = reply.json().get("code")
    if not isinstance(code, int):
        return refusal(NAME, reply.status, KINDS)
    if code in REFUSED:
        return RecipientRefusedError(NAME, str(code), suppress=REFUSED[code])
    if code in PASSING or reply.status == 429 or reply.status >= 500:
        return ProviderUnavailableError(NAME, str(code))
    return ProviderMisconfiguredError(NAME, str(code))


def _is(message: Any, sms: Sms, since: datetime) -> bool:
    """Whether a listed message is this one. Twilio gives its times in whole seconds."""
    try:
        same = message["to"] == sms.to and message["body"] == sms.text and bool(message["sid"])
        return same and parsedate_to_datetime(message["date_created"]) >= since.replace(microsecond=0)
    except (KeyError, TypeError, ValueError):
        return False  # a message in a shape we don't know is not ours


def build(config: Mapping[str, str], secrets: Mapping[str, str], outside: Outside) -> TwilioSms:
    """The provider out of settings and secrets: an API key where there is one, else the account's own token."""
    account = required(NAME, config, "twilio_account_sid")
    key = secrets.get("twilio_api_key_sid", "")
    return TwilioSms(
        base_url=origin(NAME, config, "twilio_base_url", outside),
        account_sid=account,
        user=key or account,
        password=required(NAME, secrets, "twilio_api_key_secret" if key else "twilio_auth_token"),
        sender=required(NAME, config, "twilio_sender"),
        public_base_url=required(NAME, config, "public_base_url"),
        http=http_for(NAME, outside),
    )
