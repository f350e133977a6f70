"""Mailgun, EU region: e-mail as raw MIME, so that an invitation stays an invitation.

Tracking is off. The mail travels encrypted or not at all (`o:require-tls`); the name in the receiving server's
certificate isn't checked (`o:skip-verification`), since a large part of all mail servers would fail that and people
would miss their confirmations. `v:ref` comes back with each event; the recipient can see it, so it is opaque.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from urllib3.filepost import encode_multipart_formdata
from urllib3.util import make_headers

from chalicelib.adapters import _mime
from chalicelib.adapters._http import Http, Reply
from chalicelib.adapters._provider import (
    Outside,
    Provider,
    accepted_id,
    deliverable,
    http_for,
    origin,
    refusal,
    required,
)
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ProviderError, ProviderUnavailableError, RecipientRefusedError
from chalicelib.services.ports import Email, Sms

NAME = "mailgun"

OPTIONS = {
    "o:tracking": "no",
    "o:tracking-clicks": "no",
    "o:tracking-opens": "no",
    "o:require-tls": "yes",
    "o:skip-verification": "yes",
}

KINDS: Mapping[int, type[ProviderError]] = {}
"""No status needs more than the general reading: 400-404 and 413 are ours to mend, 429 and 5xx pass."""

_BAD_RECIPIENT = "'to' parameter is not a valid address"
_PAGES = 10


class MailgunEmail(Provider[Email]):
    """Sends e-mail through the messages.mime endpoint; finds it again in the events."""

    name: ClassVar[str] = NAME
    processor: ClassVar[str] = NAME
    takes: ClassVar[type[Email | Sms]] = Email
    receives: ClassVar[frozenset[str]] = frozenset(
        {
            *("to", "to_name", "sender", "sender_name", "reply_to", "subject", "text", "html", "reference"),
            *("attachments.filename", "attachments.content_type", "attachments.content"),
        }
    )

    def __init__(self, *, base_url: str, domain: str, api_key: str, clock: Clock, http: Http) -> None:
        self._root = f"{base_url}/v3/{quote(domain, safe='')}"
        self._base_url = base_url
        self._auth = make_headers(basic_auth=f"api:{api_key}")
        self._clock = clock
        self._http = http

    def _send(self, email: Email) -> str:
        to = deliverable(self.name, email.to)
        mime = _mime.build(email, date=self._clock(), message_id=_mime.message_id_for(email))
        fields: dict[str, str | tuple[str, str | bytes, str]] = {**OPTIONS, "to": to, "v:ref": email.reference}
        fields["message"] = ("message.mime", mime, "message/rfc2822")
        body, content_type = encode_multipart_formdata(fields)
        headers = {**self._auth, "content-type": content_type}
        reply = self._http.post(f"{self._root}/messages.mime", headers=headers, body=body)
        if reply.status != 200:
            raise self._refusal(reply)
        return accepted_id(self.name, reply, _bare(reply.json().get("id")))

    def _refusal(self, reply: Reply) -> ProviderError:
        if reply.status == 400 and _BAD_RECIPIENT in str(reply.json().get("message", "")):
            return RecipientRefusedError(self.name, "400")
        return refusal(self.name, reply.status, KINDS)

    def _find(self, email: Email, *, since: datetime) -> str | None:
        """Events can be filtered by address, which would put it into a URL, but not by `ref`: so that is done here."""
        query = {"begin": int(since.timestamp()), "ascending": "yes", "limit": 300, "event": "accepted"}
        url = f"{self._root}/events?{urlencode(query)}"
        for _ in range(_PAGES):
            page = self._page(url)
            items = page.get("items")
            if not isinstance(items, list) or not items:
                return None
            found = next((_message_id(item) for item in items if _reference(item) == email.reference), None)
            if found:
                return found
            url = self._next(page)
        raise ProviderUnavailableError(self.name, "too-many-events")

    def _page(self, url: str) -> dict[str, Any]:
        reply = self._http.get(url, headers=self._auth)
        if reply.status != 200:
            raise refusal(self.name, reply.status, KINDS)
        return reply.json()

    def _next(self, page: dict[str, Any]) -> str:
        """The address of the next page. The API key goes along, so it has to be the same server's."""
        paging = page.get("paging")
        url = paging.get("next") if isinstance(paging, dict) else None
        if not isinstance(url, str) or not url.startswith(f"{self._base_url}/"):
            raise ProviderUnavailableError(self.name, "no-next-page")
        return url


def _bare(message_id: object) -> object:
    return message_id.strip("<>") if isinstance(message_id, str) else None


def _reference(event: object) -> object:
    variables = event.get("user-variables") if isinstance(event, dict) else None
    return variables.get("ref") if isinstance(variables, dict) else None


def _message_id(event: Any) -> str | None:
    try:
        return str(event["message"]["headers"]["message-id"])
    except (KeyError, TypeError):
        return None  # an event in a shape we don't know tells us nothing


def build(config: Mapping[str, str], secrets: Mapping[str, str], outside: Outside) -> MailgunEmail:
    """The provider out of settings and secrets."""
    return MailgunEmail(
        base_url=origin(NAME, config, "mailgun_base_url", outside),
        domain=required(NAME, config, "mailgun_domain"),
        api_key=required(NAME, secrets, "mailgun_api_key"),
        clock=outside.clock,
        http=http_for(NAME, outside),
    )
