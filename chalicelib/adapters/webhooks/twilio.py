"""Twilio's calls: states of messages we sent (`/status/{reference}`) and messages sent to our numbers (`/inbound`).

The reference is in the path, and the path is signed. There is no time in the signature: a repeated call repeats its
`event_id`, and a state can't go back.
"""

from collections.abc import Mapping, Sequence

from chalicelib.adapters._provider import Outside, required
from chalicelib.adapters.webhooks._reading import code_of, is_reference
from chalicelib.adapters.webhooks._twilio_signature import TwilioSignature
from chalicelib.domain.clock import Clock
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.phone import is_e164
from chalicelib.services.ports import Answer, OptOut, Receipt, WebhookRequest

NAME = "twilio"

STATUSES: Mapping[str, Delivery] = {
    "accepted": Delivery.ACCEPTED,
    "scheduled": Delivery.ACCEPTED,
    "queued": Delivery.ACCEPTED,
    "sending": Delivery.ACCEPTED,
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.DELIVERED,
    "undelivered": Delivery.FAILED,
    "failed": Delivery.FAILED,
    "canceled": Delivery.FAILED,
}

DEAD_NUMBERS = frozenset({"21211", "21610", "21614", "30004", "30005", "30006"})
"""Error codes that make of a failure a number never to be tried again: not a mobile, opted out, blocked, unknown."""

STOP_WORDS = frozenset(
    {
        *("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"),
        *("STOPP", "ABMELDEN", "ABBESTELLEN", "ARRET", "ARRÊT", "ARRETER", "ARRÊTER", "BASTA", "FERMA"),
    }
)
START_WORDS = frozenset({"START", "UNSTOP"})
"""Twilio also takes YES for a START; here people answer YES to other questions."""


class TwilioWebhook:
    """Proves and reads one call; the path says which kind it is."""

    answer: Answer = Answer(
        body='<?xml version="1.0" encoding="UTF-8"?><Response></Response>', content_type="text/xml; charset=utf-8"
    )

    def __init__(
        self, *, public_base_url: str, auth_token: str, secondary_token: str = "", shared_key: str = "", clock: Clock
    ) -> None:
        self._signature = TwilioSignature(
            public_base_url=public_base_url, tokens=(auth_token, secondary_token), shared_key=shared_key
        )
        self._clock = clock

    def read(self, request: WebhookRequest) -> Sequence[Receipt | OptOut]:
        """The receipt or the opt-out in the call, if it has one."""
        parameters = dict(self._signature.prove(request))
        if request.path.endswith("/inbound"):
            return _opt_out(parameters)
        return self._receipt(request.path.rpartition("/")[2], parameters)

    def _receipt(self, reference: str, parameters: Mapping[str, str]) -> list[Receipt]:
        status, code = parameters.get("MessageStatus", ""), code_of(parameters.get("ErrorCode"))
        delivery = STATUSES.get(status)
        message = code_of(parameters.get("MessageSid"))
        if delivery is None or not message or not is_reference(reference):
            return []
        dead = delivery is Delivery.FAILED and code in DEAD_NUMBERS
        return [
            Receipt(
                provider=NAME,
                reference=reference,
                provider_id=message,
                event_id=f"{message}:{status}",
                delivery=Delivery.BOUNCED if dead else delivery,
                at=self._clock(),
                code=code,
                suppress=dead,
            )
        ]


def _opt_out(parameters: Mapping[str, str]) -> list[OptOut]:
    """A wish is what Twilio recognised, or one of our words as the whole message."""
    phone, message = parameters.get("From", ""), code_of(parameters.get("MessageSid"))
    word = parameters.get("OptOutType") or parameters.get("Body", "").strip(" .!\r\n\t").upper()
    if word not in STOP_WORDS | START_WORDS or not is_e164(phone) or not message:
        return []
    return [OptOut(provider=NAME, event_id=message, phone=phone, stop=word in STOP_WORDS)]


def build(config: Mapping[str, str], secrets: Mapping[str, str], outside: Outside) -> TwilioWebhook:
    """The webhook out of settings and secrets; the second token is there while the first is being changed."""
    return TwilioWebhook(
        public_base_url=required(NAME, config, "public_base_url"),
        auth_token=required(NAME, secrets, "twilio_auth_token"),
        secondary_token=secrets.get("twilio_secondary_auth_token", ""),
        shared_key=secrets.get("twilio_shared_key", ""),
        clock=outside.clock,
    )
