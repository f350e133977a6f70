"""What the functions behind a queue, a stream or a schedule do with their event: unpack it, call one service, count."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from chalicelib.observability import count, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

    from chalicelib.services.auditing.auditing import Auditing
    from chalicelib.services.calendars.syncing import Syncing
    from chalicelib.services.ledger.closing import Closing
    from chalicelib.services.ledger.tallying import Tallying, Written
    from chalicelib.services.notice.announcing import Announcing
    from chalicelib.services.notifying.dispatching import Dispatching
    from chalicelib.services.outbox import Outbox
    from chalicelib.services.paying.settling import Payments
    from chalicelib.services.retention.expiring import Expiring
    from chalicelib.services.retention.restamping import Restamping
    from chalicelib.services.retention.sweeping import Sweeping
    from chalicelib.services.running import Running
    from chalicelib.services.tenancy.lapsing import Lapsing

SPARE_MILLISECONDS = 30_000


def relay(event: dict[str, Any], outbox: "Outbox", expiring: "Callable[[], Expiring]") -> dict[str, Any]:
    """Queues the notifications that were just written; then ends what DynamoDB removed by itself.

    A failure repeats the batch, or what is left of it. Doubles are harmless.
    """
    images = (record["dynamodb"].get("NewImage", {}) for record in event["Records"] if record["eventName"] == "INSERT")
    written = [image for image in images if image.get("kind", {}).get("S") == "Notification"]
    queued = outbox.relay([(each["pk"]["S"], each["sk"]["S"], int(each["send_at"]["N"])) for each in written])
    logger.info("relayed", extra={"count": queued})
    return {"batchItemFailures": _end(list(filter(_expired_by_itself, event["Records"])), expiring)}


def _expired_by_itself(record: dict[str, Any]) -> bool:
    # What was removed by us, or by hand, is signed by a role.
    by = record.get("userIdentity", {})
    expired = (by.get("type"), by.get("principalId")) == ("Service", "dynamodb.amazonaws.com")
    return bool(record["eventName"] == "REMOVE" and expired)


def _end(records: list[dict[str, Any]], expiring: "Callable[[], Expiring]") -> list[dict[str, str]]:
    """Ends them in order; the stream goes on with the first that failed."""
    for record in records:
        keys, image = record["dynamodb"]["Keys"], record["dynamodb"].get("OldImage", {})
        kind = image.get("kind", {}).get("S", "")
        try:
            expiring().end(event=record["eventID"], pk=keys["pk"]["S"], sk=keys["sk"]["S"], kind=kind)
        except Exception:  # noqa: BLE001 (logged; the stream has to hear which one failed, and keeps it for us)
            logger.exception("expiry failed")
            return [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]
        logger.info("expired", extra={"kind": kind})
        count("Expired")
    return []


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


def sweep(detail: dict[str, Any], context: Any, sweeping: "Sweeping") -> dict[str, Any]:
    """Ends what is past its period, while there is time; the next run goes on. A dry run only says what it would do."""
    if detail.get("dry_run"):
        return _planned(sweeping)
    counts = sweeping.run(may_go_on=lambda: _has_time(context))
    told = {name: value for name, value in asdict(counts).items() if name != "kinds"}
    logger.info("swept", extra={"counts": told, "due": counts.due, "deleted": counts.removed, "left": counts.postponed})
    count("Swept", value=counts.removed)
    return told


def announce(context: Any, announcing: "Announcing") -> dict[str, Any]:
    """Tells staff of a new version of the notice, while there is time; the next run goes on."""
    counts = announcing.run(may_go_on=lambda: _has_time(context))
    logger.info("announced", extra={"count": counts.told, "left": counts.waiting})
    count("Announced", value=counts.told)
    return asdict(counts)


def lapse(context: Any, lapsing: "Lapsing") -> dict[str, Any]:
    """Tells of trials that end and ends what is over, while there is time; the next run goes on."""
    told = asdict(lapsing.run(may_go_on=lambda: _has_time(context)))
    logger.info("lapsed", extra={"counts": told})
    count("TenantsEnded", value=told["ended"])
    return told


def upkeep(context: Any, jobs: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
    """Does each job while there is time; the next run goes on. One that fails keeps no other from its turn."""
    told: dict[str, Any] = {}
    failures: list[Exception] = []
    for name, job in jobs.items():
        try:
            told[name] = asdict(job(may_go_on=lambda: _has_time(context)))
        except Exception as error:  # noqa: BLE001 - raised at the end
            failures.append(error)
    logger.info("kept up", extra={"counts": told})
    if failures:
        raise failures[0]
    return told


def settle(context: Any, payments: "Payments") -> dict[str, Any]:
    """Looks after payments that have not come to an end, while there is time; the next run goes on."""
    told = asdict(payments.run(may_go_on=lambda: _has_time(context)))
    logger.info("settled", extra={"counts": told})
    count("PaymentsWaiting", value=told["waiting"])
    return told


def sync(context: Any, syncing: "Syncing") -> dict[str, Any]:
    """Looks at the calendars that are due, and tells what is to be told, while there is time; the next run goes on."""
    counts = syncing.run(may_go_on=lambda: _has_time(context))
    told = {name: value for name, value in asdict(counts).items() if name != "troubles"}
    logger.info("synced", extra={"counts": told})
    if counts.troubles:
        logger.warning("calendars not reached", extra={"counts": dict(counts.troubles)})
    count("CalendarsNotReached", value=counts.troubles.total())
    return told


def restamp(context: Any, restamping: "Restamping") -> dict[str, Any]:
    """Stamps what is stored anew if a declared period changed, while there is time; the next run goes on."""
    stamped = restamping.run(may_go_on=lambda: _has_time(context))
    told = asdict(stamped)
    logger.info("restamped", extra={"counts": told})
    return told


def tally(event: dict[str, Any], tallying: "Tallying") -> dict[str, Any]:
    """Counts the entries that were just written; a failure repeats the batch, of which nothing is counted twice."""
    counted = tallying.take([_written(record["dynamodb"]) for record in event["Records"] if _is_new_entry(record)])
    logger.info("tallied", extra={"count": counted})
    return {"batchItemFailures": []}


def close(context: Any, closing: "Closing") -> dict[str, int]:
    """Closes the days of the ledger that are over, while there is time; the next run goes on."""
    told: dict[str, int] = asdict(closing.run(may_go_on=lambda: _has_time(context)))
    logger.info("closed", extra={"counts": told})
    count("DaysClosed", value=told["days"])
    return told


def _is_new_entry(record: dict[str, Any]) -> bool:
    kind = record["dynamodb"].get("NewImage", {}).get("kind", {})
    return bool(record["eventName"] == "INSERT" and kind.get("S") == "LedgerEntry")


def _written(change: dict[str, Any]) -> "Written":
    from chalicelib.services.ledger.tallying import Written  # noqa: PLC0415 (one function counts)

    image = change["NewImage"]
    _, tenant, day = image["pk"]["S"].split("#")
    return Written(
        tenant=tenant,
        day=date.fromisoformat(day),
        action=image["action"]["S"],
        processor=image.get("processor", {}).get("S"),
        number=int(change["SequenceNumber"]),
    )


def _planned(sweeping: "Sweeping") -> dict[str, Any]:
    plan = sweeping.plan()
    for tenant, kinds in plan.due.items():
        logger.info("sweep planned", extra={"tenant": tenant, "counts": dict(kinds)})
    told = {"steps": len(plan.steps), "due": sum(sum(of.values()) for of in plan.due.values()), "beyond": plan.beyond}
    logger.info("sweep planned", extra={"counts": told})
    return {"dry_run": True, **told, "tenants": {tenant: dict(kinds) for tenant, kinds in plan.due.items()}}


def _has_time(context: Any) -> bool:
    return bool(context.get_remaining_time_in_millis() > SPARE_MILLISECONDS)


def audit(auditing: "Auditing") -> dict[str, int]:
    """Makes every check; what was found is counted, and does not fail the function."""
    counts = {"fine": 0, "wrong": 0, "could-not-look": 0}
    for check in auditing.run():
        counts[check.outcome.value] += 1
        if not check.is_fine:
            logger.error("audit found something", extra={"kind": check.name, "outcome": check.outcome.value})
    logger.info("audited", extra={"counts": counts})
    count("AuditFailed", value=counts["wrong"] + counts["could-not-look"])
    return counts


def noted(running: "Callable[[], Running]") -> Callable[[Any, Callable[[Any], Any]], Any]:
    """Middleware that notes the run of a scheduled function at its end; one that failed is not noted."""

    def note(event: Any, get_response: Callable[[Any], Any]) -> Any:
        done = get_response(event)
        try:
            running().note(event.context.function_name)
        except Exception:  # noqa: BLE001 - the job is done; the audit will miss the note and say so
            logger.exception("run not noted")
        return done

    return note


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
