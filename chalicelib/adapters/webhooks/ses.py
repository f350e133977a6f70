"""Amazon SES's events, which come through an SNS topic: in the style of configuration sets and of identities."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.adapters._http import Http
from chalicelib.adapters._provider import Outside, origin, required
from chalicelib.adapters.webhooks._reading import code_of, is_reference, moment_of, nested, object_in
from chalicelib.adapters.webhooks._sns import Fetch, SnsProof
from chalicelib.domain.clock import Clock
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import ProviderError, TryAgainError
from chalicelib.services.ports import Answer, OptOut, Receipt, WebhookRequest

NAME = "ses"

EVENTS: Mapping[str, tuple[Delivery, str]] = {
    "Send": (Delivery.ACCEPTED, "send"),
    "Delivery": (Delivery.DELIVERED, "delivery"),
    "Reject": (Delivery.FAILED, "reject"),
    "Rendering Failure": (Delivery.FAILED, "failure"),
}
"""Events that mean one thing, and where their details stand. Delays, opens and clicks report nothing."""

BOUNCES: Mapping[str, Delivery] = {"Permanent": Delivery.BOUNCED, "Undetermined": Delivery.FAILED}
"""By kind. Transient is left out: absence notes come as such, and what was only late is delivered afterwards."""

_OWN_MESSAGE_ID = re.compile(r"<([A-Za-z0-9_-]{1,128})@[^>]*>")
_Outcome = tuple[Delivery, bool, str, object]


class SesWebhook:
    """Proves and reads one message of the topic; confirms the topic's subscription when it is asked to."""

    answer: Answer = Answer()

    def __init__(self, *, topic_arn: str, signing_origin: str, clock: Clock, fetch: Fetch) -> None:
        self._proof = SnsProof(origin=signing_origin, topic_arn=topic_arn, clock=clock, fetch=fetch)
        self._clock = clock

    def read(self, request: WebhookRequest) -> Sequence[Receipt | OptOut]:
        """The receipt in the message, if it has one."""
        message = self._proof.prove(request.body)
        if message["Type"] == "SubscriptionConfirmation":
            self._proof.confirm(message)
        if message["Type"] != "Notification":
            return []
        said_at = moment_of(message["Timestamp"], otherwise=self._clock())
        return _receipts(object_in(message["Message"]), message["MessageId"], said_at)


def _receipts(event: Mapping[str, object], event_id: str, said_at: datetime) -> list[Receipt]:
    reference, outcome = _reference(event), _outcome(event)
    if outcome is None or not reference:
        return []
    delivery, suppress, code, at = outcome
    return [
        Receipt(
            provider=NAME,
            reference=reference,
            provider_id=code_of(nested(event, "mail", "messageId")),
            event_id=event_id,
            delivery=delivery,
            at=moment_of(at, otherwise=said_at),
            code=code,
            suppress=suppress,
        )
    ]


def _outcome(event: Mapping[str, object]) -> _Outcome | None:
    kind = event.get("eventType") or event.get("notificationType")
    if kind == "Bounce":
        return _bounce(event.get("bounce"))
    if kind == "Complaint":
        return _complaint(event.get("complaint"))
    if not isinstance(kind, str) or kind not in EVENTS:
        return None
    delivery, part = EVENTS[kind]
    return delivery, False, "", nested(event, part, "timestamp")


def _bounce(bounce: object) -> _Outcome | None:
    kind = nested(bounce, "bounceType")
    delivery = BOUNCES.get(kind) if isinstance(kind, str) else None
    if delivery is None:
        return None
    return delivery, kind == "Permanent", code_of(nested(bounce, "bounceSubType")), nested(bounce, "timestamp")


def _complaint(complaint: object) -> _Outcome | None:
    """A complaint, unless it is its opposite: someone took the mail out of the spam folder."""
    kind = nested(complaint, "complaintFeedbackType")
    if kind == "not-spam":
        return None
    return Delivery.COMPLAINED, True, code_of(kind), nested(complaint, "timestamp")


def _reference(event: Mapping[str, object]) -> str:
    """Our reference, from the tag; events in the style of identities lack tags, but hold the headers we wrote."""
    tagged = nested(event, "mail", "tags", "ref")
    if isinstance(tagged, list) and tagged and is_reference(tagged[0]):
        return str(tagged[0])
    for header in nested(event, "mail", "headers") or ():
        if str(nested(header, "name")).lower() == "message-id":
            own = _OWN_MESSAGE_ID.fullmatch(str(nested(header, "value")))
            return own[1] if own else ""
    return ""


def build(config: Mapping[str, str], secrets: Mapping[str, str], outside: Outside) -> SesWebhook:
    """The webhook out of settings."""
    http = Http("sns", hosts=outside.hosts, timeouts=outside.timeouts, largest=64 * 1024)
    return SesWebhook(
        topic_arn=required(NAME, config, "mail_events_topic_arn"),
        signing_origin=origin(NAME, config, "sns_signing_origin", outside),
        clock=outside.clock,
        fetch=lambda url: _fetched(http, url),
    )


def _fetched(http: Http, url: str) -> bytes:
    """What is at the URL. SNS repeats its call on 503, not on a refusal, so a failure here must not look like one."""
    try:
        reply = http.get(url)
    except ProviderError:
        raise TryAgainError(retry_after=20) from None
    if reply.status != 200:
        raise TryAgainError(retry_after=20)
    return reply.body
