"""Webhooks of the providers. Each proves itself on the raw bytes; the answer is what the provider wants to hear."""

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.http.auth import Provider
from chalicelib.api.http.endpoint import WEBHOOK_TYPES, endpoint
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import SignatureInvalidError, TryAgainError
from chalicelib.domain.ids import ID_PATTERN

if TYPE_CHECKING:
    from chalicelib.services.ports import Answer

routes = Blueprint(__name__)

_REFERENCE = r"^[A-Za-z0-9_=-]{1,128}$"
_MAX = 262_144
_TOKEN = 1000
_REPORTED = (Action.RECEIPT_TAKEN,)


@routes.route("/webhooks/twilio/status/{reference}", methods=["POST"], content_types=WEBHOOK_TYPES)
@endpoint(
    auth=Provider("twilio", "X-Twilio-Signature"),
    path={"reference": _REFERENCE},
    errors=(SignatureInvalidError,),
    max_bytes=_MAX,
    ledger=_REPORTED,
    summary="Twilio reports on a text message",
)
def twilio_status(call: Call, reference: str) -> "Answer":
    """Signed with the account's token over URL and parameters."""
    return wiring.services().receiving.take("twilio", call.webhook)


@routes.route("/webhooks/twilio/inbound", methods=["POST"], content_types=WEBHOOK_TYPES)
@endpoint(
    auth=Provider("twilio", "X-Twilio-Signature"),
    errors=(SignatureInvalidError,),
    max_bytes=_MAX,
    ledger=(Action.OPTED_OUT, Action.OPTED_IN),
    summary="Twilio passes on a STOP or START",
)
def twilio_inbound(call: Call) -> "Answer":
    """Signed with the account's token over URL and parameters."""
    return wiring.services().receiving.take("twilio", call.webhook)


@routes.route("/webhooks/smsapi/{secret}/{reference}", methods=["GET"])
@endpoint(
    auth=Provider("smsapi"),
    path={"secret": _REFERENCE, "reference": _REFERENCE},
    errors=(SignatureInvalidError,),
    ledger=_REPORTED,
    summary="SMSAPI reports on text messages",
)
def smsapi_report(call: Call, secret: str, reference: str) -> "Answer":
    """Not signed: the path holds a secret."""
    return wiring.services().receiving.take("smsapi", call.webhook)


@routes.route("/webhooks/mailgun", methods=["POST"], content_types=WEBHOOK_TYPES)
@endpoint(
    auth=Provider("mailgun"),
    errors=(SignatureInvalidError,),
    max_bytes=_MAX,
    ledger=_REPORTED,
    summary="Mailgun reports on an e-mail",
)
def mailgun_event(call: Call) -> "Answer":
    """Signed over timestamp and a token that is accepted once."""
    return wiring.services().receiving.take("mailgun", call.webhook)


@routes.route("/webhooks/ses", methods=["POST"], content_types=WEBHOOK_TYPES)
@endpoint(
    auth=Provider("ses"),
    errors=(SignatureInvalidError,),
    max_bytes=_MAX,
    ledger=_REPORTED,
    summary="SES reports on an e-mail, by SNS",
)
def ses_event(call: Call) -> "Answer":
    """Signed by SNS with a certificate of the configured origin."""
    return wiring.services().receiving.take("ses", call.webhook)


@routes.route("/webhooks/microsoft-graph", methods=["POST"], content_types=WEBHOOK_TYPES)
@endpoint(
    auth=Provider("microsoft-graph"),
    errors=(SignatureInvalidError, TryAgainError),
    max_bytes=_MAX,
    ledger=(Action.CALENDAR_REPORTED,),
    summary="Microsoft reports that a calendar has changed",
)
def graph_report(call: Call) -> "Answer":
    """Proven by the secret of the subscription. A new subscription first wants to hear a token of theirs."""
    from chalicelib.services.ports import Answer  # noqa: PLC0415 (webhooks only)

    token = dict(call.webhook.query).get("validationToken")
    if token is None:
        wiring.services().hearing("microsoft-graph", call.webhook)
    return Answer(body=(token or "")[:_TOKEN])


@routes.route("/webhooks/google-calendar", methods=["POST"], content_types=WEBHOOK_TYPES)
@endpoint(
    auth=Provider("google-calendar", "X-Goog-Channel-Token"),
    errors=(SignatureInvalidError, TryAgainError),
    max_bytes=_MAX,
    ledger=(Action.CALENDAR_REPORTED,),
    summary="Google reports that a calendar has changed",
)
def google_report(call: Call) -> "Answer":
    """Proven by the secret of the channel; it has no content, and what has changed comes by a look."""
    from chalicelib.services.ports import Answer  # noqa: PLC0415 (webhooks only)

    wiring.services().hearing("google-calendar", call.webhook)
    return Answer()


@routes.route("/webhooks/payrexx/{tenant}", methods=["POST"], content_types=WEBHOOK_TYPES)
@endpoint(
    auth=Provider("payrexx", "X-Webhook-Signature"),
    path={"tenant": ID_PATTERN},
    errors=(SignatureInvalidError,),
    max_bytes=_MAX,
    ledger=(Action.PAYMENT_TAKEN,),
    summary="Payrexx reports on a payment",
)
def payrexx_report(call: Call, tenant: str) -> "Answer":
    """Signed with the key of the business's account. It is believed that something happened, and then looked at."""
    return wiring.services().payment_reports.take(tenant, call.webhook)
