"""What the functions behind a queue, a stream or a schedule do with their event: unpack it, call one service, count."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalicelib.observability import count, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

    from chalicelib.services.dispatching import Dispatching
    from chalicelib.services.outbox import Outbox
    from chalicelib.services.sweeping import Sweeping

SPARE_MILLISECONDS = 30_000


def relay(event: dict[str, Any], outbox: "Outbox") -> dict[str, Any]:
    """Queues the notifications that were just written; a failure repeats the batch, doubles are harmless."""
    images = (record["dynamodb"].get("NewImage", {}) for record in event["Records"] if record["eventName"] == "INSERT")
    written = [image for image in images if image.get("kind", {}).get("S") == "Notification"]
    queued = outbox.relay([(each["pk"]["S"], each["sk"]["S"], int(each["send_at"]["N"])) for each in written])
    logger.info("relayed", extra={"count": queued})
    return {"batchItemFailures": []}


def dispatch(event: dict[str, Any], dispatching: "Dispatching") -> dict[str, Any]:
    """Sends each notification by itself: one that fails goes back into the queue, the others don't."""
    # Here and not above: one function of five needs it, and it would be a tenth of the others' start.
    from aws_lambda_powertools.utilities.batch import (  # noqa: PLC0415
        BatchProcessor,
        EventType,
        process_partial_response,
    )

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event=event, record_handler=_delivering(dispatching), processor=processor))


def wake(outbox: "Outbox") -> dict[str, int]:
    """Queues what falls due within the next minute."""
    queued = outbox.wake()
    logger.info("woken", extra={"count": queued})
    return {"queued": queued}


def sweep(context: Any, sweeping: "Sweeping") -> dict[str, int]:
    """Removes what is past its period, while there is time; the next run goes on."""
    counts = sweeping.run(may_go_on=lambda: context.get_remaining_time_in_millis() > SPARE_MILLISECONDS)
    logger.info("swept", extra={"due": counts.due, "deleted": counts.removed, "left": counts.postponed})
    count("Swept", value=counts.removed)
    return {"due": counts.due, "removed": counts.removed, "revived": counts.revived, "postponed": counts.postponed}


def _delivering(dispatching: "Dispatching") -> Callable[["SQSRecord"], None]:
    def deliver(record: "SQSRecord") -> None:
        key = json.loads(record.body)
        try:
            state = dispatching.deliver(key["pk"], key["sk"])
        except Exception:
            logger.exception("dispatch failed")
            raise
        outcome = state.value if state else "gone"
        logger.info("dispatched", extra={"delivery": outcome})
        count("Dispatched", outcome=outcome)

    return deliver
