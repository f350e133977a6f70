"""Everything that can start code here, on one screen: the HTTP resources and each event. No logic."""

from logging import Logger
from typing import Any, cast

from chalice.app import Chalice, CloudWatchEvent, DynamoDBEvent, Rate, SQSEvent

from chalicelib import events
from chalicelib.api import (
    _gateway,
    appointments,
    health,
    notices,
    offers,
    openapi,
    pages,
    registrations,
    sessions,
    webhooks,
)
from chalicelib.observability import logger, quieten_libraries, shielded
from chalicelib.wiring import services

app = Chalice(app_name="zusage", configure_logs=False)
app.log = cast("Logger", logger)
quieten_libraries()
for kind in ("scheduled", "sqs", "dynamodb"):
    app.register_middleware(shielded, kind)
_gateway.install(app)
for resource in (health, registrations, sessions, offers, appointments, notices, webhooks):
    app.register_blueprint(resource.routes, url_prefix="/v1")
for page in (openapi.routes, pages.routes, notices.pages):
    app.register_blueprint(page)


@app.on_dynamodb_record(stream_arn="placeholder", name="relay", starting_position="TRIM_HORIZON")
def relay(event: DynamoDBEvent) -> dict[str, Any]:
    """The stream of `records`: queues notifications that were just written."""
    return events.relay(event.to_dict(), services().outbox)


@app.on_sqs_message(queue_arn="arn:aws:sqs:eu-central-2:000000000000:placeholder", name="dispatch")
def dispatch(event: SQSEvent) -> dict[str, Any]:
    """The queue: sends notifications."""
    return events.dispatch(event.to_dict(), services().dispatching)


@app.schedule(Rate(1, unit=Rate.MINUTES), name="wake")
def wake(event: CloudWatchEvent) -> dict[str, int]:
    """Every minute: queues notifications that fall due."""
    return events.wake(services().outbox)


@app.schedule(Rate(15, unit=Rate.MINUTES), name="sweep")
def sweep(event: CloudWatchEvent) -> dict[str, int]:
    """Every fifteen minutes: removes what is past its period."""
    return events.sweep(event.context, services().sweeping)
