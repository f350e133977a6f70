"""Everything that can start code here, on one screen: the HTTP resources and each event. No logic."""

from logging import Logger
from typing import Any, cast

from chalice.app import Chalice, CloudWatchEvent, Cron, DynamoDBEvent, Rate, SQSEvent

from chalicelib import events
from chalicelib.api import _seldom, health, pages, webhooks
from chalicelib.api.booking import booking, offers, own_appointment
from chalicelib.api.http import gateway
from chalicelib.api.openapi import document
from chalicelib.api.sign_in import forms, sessions
from chalicelib.api.tenancy import registrations
from chalicelib.observability import logger, quieten_libraries, shielded
from chalicelib.wiring import services

app = Chalice(app_name="zusage", configure_logs=False)
app.log = cast("Logger", logger)
quieten_libraries()
for kind in ("scheduled", "sqs", "dynamodb"):
    app.register_middleware(shielded, kind)
app.register_middleware(events.noted(lambda: services().running), "scheduled")
gateway.install(app)
usual = (health, forms, registrations, sessions, offers, booking, own_appointment, webhooks)
for resource in (*usual, _seldom):
    app.register_blueprint(resource.routes, url_prefix="/v1")
for page in (document.routes, pages.routes, _seldom.pages):
    app.register_blueprint(page)


@app.on_dynamodb_record(stream_arn="placeholder", name="relay", starting_position="TRIM_HORIZON")
def relay(event: DynamoDBEvent) -> dict[str, Any]:
    """The stream of `records`: queues notifications that were just written, ends what expired by itself."""
    return events.relay(event.to_dict(), services().outbox, lambda: services().expiring)


@app.on_sqs_message(queue_arn="arn:aws:sqs:eu-central-2:000000000000:placeholder", name="dispatch")
def dispatch(event: SQSEvent) -> dict[str, Any]:
    """The queue: sends notifications."""
    return events.dispatch(event.to_dict(), services().dispatching)


@app.schedule(Rate(1, unit=Rate.MINUTES), name="wake")
def wake(event: CloudWatchEvent) -> dict[str, int]:
    """Every minute: queues notifications that fall due."""
    return events.wake(services().outbox)


@app.schedule(Rate(15, unit=Rate.MINUTES), name="sweep")
def sweep(event: CloudWatchEvent) -> dict[str, Any]:
    """Every fifteen minutes: ends what is past its period."""
    return events.sweep(event.detail, event.context, services().sweeping)


@app.schedule(Rate(15, unit=Rate.MINUTES), name="restamp")
def restamp(event: CloudWatchEvent) -> dict[str, Any]:
    """Every fifteen minutes: gives what is stored the expiry that is declared now, if that changed."""
    return events.restamp(event.context, services().restamping)


@app.schedule(Rate(15, unit=Rate.MINUTES), name="lapse")
def lapse(event: CloudWatchEvent) -> dict[str, Any]:
    """Every fifteen minutes: tells admins that a trial ends, and ends the businesses whose time is over."""
    return events.lapse(event.context, services().lapsing)


@app.schedule(Rate(1, unit=Rate.MINUTES), name="upkeep")
def upkeep(event: CloudWatchEvent) -> dict[str, Any]:
    """Every minute: ends what nobody confirmed or paid in time, and offers what became free to those who wait."""
    return events.upkeep(event.context, services().upkeep)


@app.schedule(Rate(5, unit=Rate.MINUTES), name="settle")
def settle(event: CloudWatchEvent) -> dict[str, Any]:
    """Every five minutes: asks the payment provider what no report told, and gives back what is to go back."""
    return events.settle(event.context, services().payments)


@app.schedule(Rate(1, unit=Rate.MINUTES), name="sync")
def sync(event: CloudWatchEvent) -> dict[str, Any]:
    """Every minute: looks at linked calendars, and tells them of appointments."""
    return events.sync(event.context, services().syncing)


@app.on_dynamodb_record(stream_arn="placeholder", name="tally", starting_position="TRIM_HORIZON")
def tally(event: DynamoDBEvent) -> dict[str, Any]:
    """The stream of `ledger`: counts entries that were just written."""
    return events.tally(event.to_dict(), services().tallying)


@app.schedule(Rate(1, unit=Rate.HOURS), name="close")
def close(event: CloudWatchEvent) -> dict[str, int]:
    """Every hour: proves the days of the ledger that are over, and locks the proofs away."""
    return events.close(event.context, services().closing)


@app.schedule(Cron(30, 3, "*", "*", "?", "*"), name="audit")
def audit(event: CloudWatchEvent) -> dict[str, int]:
    """Every night: compares the installation with what was promised."""
    return events.audit(services().auditing)


@app.schedule(Rate(1, unit=Rate.HOURS), name="announce")
def announce(event: CloudWatchEvent) -> dict[str, Any]:
    """Every hour: tells staff of a new version of the privacy notice, if there is one."""
    return events.announce(event.context, services().announcing)
