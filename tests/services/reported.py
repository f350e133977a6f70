"""What providers report, without the providers: receipts and opt-outs as their webhooks would read them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from chalicelib.domain.delivery import Delivery
from chalicelib.records.notification import Notification
from chalicelib.services.notifying.composing import reference_of
from chalicelib.services.ports import Answer, OptOut, Receipt, WebhookRequest
from tests.stage import Stage

CALL = WebhookRequest(path="/", query=(), headers={}, body=b"", content_type="text/plain")
_numbers = count(1)


@dataclass
class ToldWebhook:
    """A webhook that reads whatever it was told."""

    answer: Answer = field(default_factory=lambda: Answer(body="heard"))
    told: Sequence[Receipt | OptOut] = ()

    def read(self, request: WebhookRequest) -> Sequence[Receipt | OptOut]:
        """The receipts it was told."""
        assert request is CALL
        return self.told


def report(on: Stage, *each: Receipt | OptOut) -> Answer:
    """The provider calls with these events."""
    vars(on.services).setdefault("webhooks", {"mailgun": ToldWebhook()})
    webhook = on.services.webhooks["mailgun"]
    assert isinstance(webhook, ToldWebhook)
    webhook.told = each
    return on.services.receiving.take("mailgun", CALL)


def receipt(on: Stage, held: Notification, delivery: Delivery, **changes: Any) -> Receipt:
    """A receipt with an event id of its own, a second ago."""
    values = {
        "provider": "mailgun",
        "reference": reference_of(held),
        "provider_id": "mailgun-1",
        "event_id": f"event-{next(_numbers)}",
        "delivery": delivery,
        "at": on.clock.now - timedelta(seconds=1),
    }
    return Receipt(**{**values, **changes})


def opt_out(phone: str = "+41795550123", *, stop: bool = True, event_id: str = "") -> OptOut:
    """A STOP, or a START."""
    return OptOut(provider="twilio", event_id=event_id or f"event-{next(_numbers)}", phone=phone, stop=stop)
