"""SMSAPI's delivery reports: a plain GET without a signature, so the proof is a secret in the path."""

from collections.abc import Iterator, Mapping, Sequence

from chalicelib.adapters._provider import Outside, required
from chalicelib.adapters.smsapi import idx_of
from chalicelib.adapters.webhooks._reading import code_of, instant_of, is_reference, same
from chalicelib.domain.clock import Clock
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import SignatureInvalidError
from chalicelib.services.ports import Answer, OptOut, Receipt, WebhookRequest

NAME = "smsapi"

STATUSES: Mapping[str, tuple[Delivery, bool]] = {
    "401": (Delivery.FAILED, False),  # not found
    "402": (Delivery.FAILED, False),  # expired
    "403": (Delivery.SENT, False),
    "404": (Delivery.DELIVERED, False),
    "405": (Delivery.FAILED, False),  # undelivered
    "406": (Delivery.FAILED, False),
    "407": (Delivery.FAILED, False),  # rejected
    "409": (Delivery.ACCEPTED, False),  # in the queue
    "410": (Delivery.ACCEPTED, False),  # with the carrier
    "411": (Delivery.ACCEPTED, False),  # another attempt
    "412": (Delivery.FAILED, True),  # stopped; read as the recipient's wish, which is the side to err on
}
"""The state each status reports, and whether to stop for good. 408 (unknown) reports nothing."""

_MOST = 500


class SmsapiWebhook:
    """Proves and reads one call with one or many reports in it. Anything but `OK` is taken for a failure."""

    answer: Answer = Answer(body="OK")

    def __init__(self, *, callback_secret: str, clock: Clock) -> None:
        self._secret = callback_secret
        self._clock = clock

    def read(self, request: WebhookRequest) -> Sequence[Receipt | OptOut]:
        """The receipts in the call, in its order."""
        secret, _, reference = request.path.rpartition("/webhooks/smsapi/")[2].partition("/")
        if not same(secret, [self._secret]):
            raise SignatureInvalidError
        return list(self._receipts(request, reference)) if is_reference(reference) else []

    def _receipts(self, request: WebhookRequest, reference: str) -> Iterator[Receipt]:
        for report in _reports(dict(request.query)):
            status = code_of(report.get("status"))
            message = code_of(report.get("MsgId"))
            ours = report.get("idx") in (None, "", idx_of(reference))
            if status not in STATUSES or not message or not ours:
                continue
            delivery, suppress = STATUSES[status]
            yield Receipt(
                provider=NAME,
                reference=reference,
                provider_id=message,
                event_id=f"{message}:{status}",
                delivery=delivery,
                at=instant_of(report.get("donedate"), otherwise=self._clock()),
                code=status,
                suppress=suppress,
            )


def _reports(query: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """One call may carry many reports: each field is then a list with commas, all in the same order."""
    columns = {name: query.get(name, "").split(",")[:_MOST] for name in ("MsgId", "status", "donedate", "idx")}
    for row in range(len(columns["MsgId"])):
        yield {name: values[row].strip() for name, values in columns.items() if row < len(values)}


def build(config: Mapping[str, str], secrets: Mapping[str, str], outside: Outside) -> SmsapiWebhook:
    """The webhook out of secrets."""
    return SmsapiWebhook(callback_secret=required(NAME, secrets, "smsapi_callback_secret"), clock=outside.clock)
