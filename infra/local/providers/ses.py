"""The world behind SES: mail arrives from the emulator by SMTP, and events go back through a simulated SNS."""

import json
import uuid
from datetime import datetime
from functools import cached_property
from typing import Any

from infra.local.providers.exchange import Call, Request, Response, UnknownEventError, text_response
from infra.local.providers.inbox import Captured, Message
from infra.local.providers.mime import read_mail
from infra.local.providers.setup import Setup
from infra.local.providers.signing import SnsSigner

NAME = "ses"
EVENTS = ("delivered", "bounced", "complained", "failed", "deferred")


class Ses:
    """The recipients' mail servers and the topic that tells of them."""

    name = NAME
    prefix = "/SimpleNotificationService-"  # the path that certificates have at Amazon
    events = EVENTS

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    @cached_property
    def _signer(self) -> SnsSigner:
        return SnsSigner(self._setup.clock())

    @property
    def certificate_url(self) -> str:
        """Where the certificate stands that proves our notifications."""
        return f"{self._setup.own_url}/{self._signer.file_name}"

    def answer(self, request: Request) -> Response:
        """The certificate."""
        if request.method == "GET" and request.path == f"/{self._signer.file_name}":
            return Response(200, self._signer.pem, "application/x-pem-file")
        return text_response(404, "Not Found")

    def error(self, status: int, code: int) -> Response:
        """How the place of the certificate says that it failed."""
        return text_response(status, "Service Unavailable")

    def take(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """Keeps a mail that came by SMTP, once for each recipient."""
        mail = read_mail(raw)
        for recipient in recipients:
            self._setup.inbox.add(
                Captured(
                    kind="email",
                    provider=NAME,
                    provider_id=mail.header("Message-ID").strip("<>"),
                    at=self._setup.clock(),
                    to=recipient,
                    sender=mail.sender or sender,
                    subject=mail.subject,
                    text=mail.text,
                    html=mail.html,
                    headers=tuple(header for header in mail.headers if not header[0].upper().startswith("X-SES-")),
                    files=mail.files,
                    variables=_tags(mail.header("X-SES-MESSAGE-TAGS")),
                    received={"source": sender, "destination": recipient, "message": raw.decode(errors="replace")},
                )
            )

    def report(self, message: Message, event: str) -> Call:
        """The signed notification that carries the event."""
        if event not in EVENTS:
            raise UnknownEventError(event)
        now = self._setup.clock()
        notification = {
            "Type": "Notification",
            "MessageId": str(uuid.uuid4()),
            "TopicArn": self._setup.topic_arn,
            "Message": json.dumps(_event(message.captured, event, now)),
            "Timestamp": _stamp(now),
        }
        return self._signed(notification)

    def subscription(self) -> Call:
        """The request by which SNS asks whether the address wants the topic."""
        origin, token = self._setup.own_url, uuid.uuid4().hex
        topic = self._setup.topic_arn
        question = {
            "Type": "SubscriptionConfirmation",
            "MessageId": str(uuid.uuid4()),
            "Token": token,
            "TopicArn": topic,
            "Message": f"You have chosen to subscribe to the topic {topic}.",
            "SubscribeURL": f"{origin}/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}",
            "Timestamp": _stamp(self._setup.clock()),
        }
        return self._signed(question)

    def _signed(self, message: dict[str, str]) -> Call:
        proof = {
            "SignatureVersion": "2",
            "Signature": self._signer.sign(message),
            "SigningCertURL": self.certificate_url,
        }
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "x-amz-sns-message-type": message["Type"],
            "x-amz-sns-message-id": message["MessageId"],
            "x-amz-sns-topic-arn": message["TopicArn"],
        }
        url = f"{self._setup.api_base}/v1/webhooks/ses"
        return Call("POST", url, headers, json.dumps({**message, **proof}).encode())


def _stamp(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def _tags(header: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in header.split(",") if "=" in pair)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _event(taken: Captured, event: str, now: datetime) -> dict[str, Any]:
    mail = {
        "timestamp": _stamp(taken.at),
        "messageId": taken.provider_id,
        "source": taken.sender,
        "sendingAccountId": "000000000000",
        "destination": [taken.to],
        "headersTruncated": False,
        "headers": [],
        "commonHeaders": {},
        "tags": {name: [value] for name, value in taken.variables.items()},
    }
    return {"mail": mail, **_outcome(taken.to, event, now)}


def _outcome(recipient: str, event: str, now: datetime) -> dict[str, Any]:
    who, at = [{"emailAddress": recipient}], _stamp(now)
    bounced = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": who}
    complaint = {"complainedRecipients": who, "complaintFeedbackType": "abuse"}
    delay = {"delayType": "General", "delayedRecipients": who, "expirationTime": at}
    outcomes: dict[str, dict[str, Any]] = {
        "delivered": {"eventType": "Delivery", "delivery": {"recipients": [recipient], "timestamp": at}},
        "bounced": {"eventType": "Bounce", "bounce": {**bounced, "timestamp": at, "feedbackId": uuid.uuid4().hex}},
        "complained": {"eventType": "Complaint", "complaint": {**complaint, "timestamp": at}},
        "failed": {"eventType": "Reject", "reject": {"reason": "Bad content"}},
        "deferred": {"eventType": "DeliveryDelay", "deliveryDelay": {**delay, "timestamp": at}},
    }
    return outcomes[event]
