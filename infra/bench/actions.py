"""What the requests benchmark does: the app as deployed on a stage of moto, spoken to by HTTP as its users do."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from unittest import mock

from chalice.test import Client

from chalicelib import wiring
from chalicelib.adapters.webhooks.mailgun import MailgunWebhook
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.installation import Installation
from chalicelib.records.writing import Transaction
from chalicelib.services.operator.opening import Opening
from infra.local.client import booking
from tests.builders import Business, booked, business
from tests.stage import Stage, stage

MONDAY = datetime(2026, 11, 9, tzinfo=UTC)
MONTH = timedelta(days=31)
_APPOINTMENTS = 60
_OPENS, _ON_THE_FIRST_DAY, _ON_OTHERS = 7, 9, 3
_SIGNING_KEY = "insecure-signing-key-of-a-benchmark"


@dataclass
class Practice:
    """A business with a month of sixty appointments, and its visitors."""

    on: Stage
    of: Business
    client: Client
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """One request; the parsed answer. AssertionError for anything but success."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
        answer = self.client.http.request(method, f"/v1{path}", headers=sent, body=raw)
        if answer.status_code >= 300:
            raise AssertionError(f"{method} {path} answered {answer.status_code}: {answer.body!r}")
        return json.loads(answer.body) if answer.body[:1] == b"{" else None

    def slots_of_a_month(self) -> Any:
        """The free times of the month."""
        asked = f"expert={self.of.expert}&from={_text(MONDAY)}&to={_text(MONDAY + MONTH)}"
        return self.call("GET", f"/tenants/{self.of.tenant}/services/{self.of.service.id}/slots?{asked}")

    def booking_form(self) -> str:
        """The token of a form for one booking."""
        asked = f"tenant={self.of.tenant}&service={self.of.service.id}"
        return str(self.call("GET", f"/forms/booking?{asked}")["token"])

    def book(self, *, days: int, form: str, email: str = "", **headers: str) -> Any:
        """Books nine o'clock UTC so many days after the month, for somebody new unless an address is given."""
        person = {
            "given_name": "Anna",
            "family_name": "Muster",
            "email": email or self.somebody(),
            "phone": None,
            "language": "de",
            "zone": "Europe/Zurich",
        }
        at = MONDAY + timedelta(days=28 + days, hours=9)
        wish = booking(self.of.service.id, self.of.expert, starts_at=_text(at), customer=person)
        return self.call("POST", f"/tenants/{self.of.tenant}/appointments", wish, Zusage_Form=form, **headers)

    def cancel(self, held: Any) -> Any:
        """Cancels by link."""
        return self.call("POST", "/appointment/cancellation", Zusage_Link=held["links"]["cancel"])

    def move(self, held: Any) -> Any:
        """Moves two hours on by link."""
        at = _text(datetime.fromisoformat(held["starts_at"]) + timedelta(hours=2))
        return self.call(
            "POST", "/appointment/rescheduling", {"starts_at": at}, Zusage_Link=held["links"]["reschedule"]
        )

    def list_a_day(self) -> Any:
        """The expert's list of the fullest day, as staff."""
        asked = f"from={_text(MONDAY)}&to={_text(MONDAY + timedelta(days=1))}"
        return self.call("GET", f"/appointments?{asked}", Authorization=f"Bearer {self.of.token}")

    def report_delivery(self, reference: str) -> None:
        """A provider tells that a mail arrived."""
        number = next(self.numbers)
        seconds, token = str(int(self.on.clock.now.timestamp())), f"token-of-a-benchmark-{number:08d}"
        signature = hmac.new(_SIGNING_KEY.encode(), f"{seconds}{token}".encode(), hashlib.sha256).hexdigest()
        event = {
            "event": "delivered",
            "timestamp": int(seconds),
            "user-variables": {"ref": reference},
            "message": {"headers": {"message-id": f"{number}@mail.example.ch"}},
        }
        signed = {"timestamp": seconds, "token": token, "signature": signature}
        self.call("POST", "/webhooks/mailgun", {"signature": signed, "event-data": event})

    def somebody(self) -> str:
        """An address that was not seen yet."""
        return f"anna.muster.{next(self.numbers)}@kundin.example"

    def forget_keys(self) -> None:
        """What a fresh process knows: no key, and not that the installation is open."""
        for tenant in (self.of.tenant, INSTALLATION):
            self.on.vault.forget(tenant)
        vars(self.on.services)["opening"] = Opening()


def _opened(on: Stage) -> None:
    ref, transaction = Installation.ref(), Transaction()
    transaction.create(Installation(ref.pk, ref.sk, opened_at=on.clock.now))
    transaction.commit()


@contextmanager
def practice() -> Iterator[Practice]:
    """A practice on a stage of its own."""
    with stage() as on:
        _opened(on)
        vars(on.services)["webhooks"] = {"mailgun": MailgunWebhook(signing_key=_SIGNING_KEY, clock=on.clock)}
        of = business(on)
        for number, at in enumerate(_month()):
            booked(on, of, starts_at=at, email=f"kundin.{number}@kundin.example")
        with mock.patch.object(wiring, "services", return_value=on.services):
            from app import app

            yield Practice(on, of, Client(app))


def _month() -> list[datetime]:
    """Sixty starts on working days: a full first day, three on each of the others."""
    workdays = (MONDAY + timedelta(days=day) for day in range(31) if day % 7 < 5)
    starts = [
        day + timedelta(hours=_OPENS + number)
        for day in workdays
        for number in range(_ON_THE_FIRST_DAY if day == MONDAY else _ON_OTHERS)
    ]
    return starts[:_APPOINTMENTS]


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
