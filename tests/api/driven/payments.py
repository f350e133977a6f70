"""How the routes about payments are driven where what they leave in the ledger is compared with what they declare."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chalicelib.domain.terms import Payment as Way
from chalicelib.records.appointment import Appointment
from tests.builders import NETWORK, booked
from tests.services.paying.paying_builders import PRICE, MemoryPayrexx

ACCOUNT = {"instance": "praxis", "api_key": "insecure-key", "signing_key": "insecure-signing-key"}
Drive = Callable[[Any], object]


def account(at: Any) -> None:
    """One that is set, at a provider in memory."""
    vars(at.on.services)["payrexx"] = MemoryPayrexx()
    at.call("PUT", "/payments/account", ACCOUNT)


def sold(at: Any) -> Appointment:
    """An appointment that waits to be paid."""
    account(at)
    terms = replace(at.of.service.terms(), price=PRICE, payment=Way.ONLINE)
    at.on.services.offering.change_service(at.of.session, at.of.service.id, terms, version=None, network=NETWORK)
    return booked(at.on, at.of)


def remove(at: Any) -> Drive:
    """What was set before."""
    account(at)
    return lambda _: at.call("DELETE", "/payments/account")


def look(at: Any) -> Drive:
    """At a payment."""
    held = sold(at)
    return lambda _: at.call("GET", f"/customers/{held.subject}/appointments/{held.id}/payment")


def report(at: Any) -> Drive:
    """Genuine, on money that came."""
    held, services = sold(at), at.on.services
    services.paying.page(services.linking.pay_page(held).partition("#")[2], network=NETWORK)
    number = services.payrexx.pay("1", services.payrexx.orders[0].reference)
    body = json.dumps({"transaction": {"id": int(number), "status": "confirmed"}}).encode()
    proof = hmac.new(ACCOUNT["signing_key"].encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Webhook-Signature": proof}

    def drive(_: Any) -> None:
        path = f"/v1/webhooks/payrexx/{held.tenant}"
        answer = at.client.http.request("POST", path, headers=headers, body=body)
        assert answer.status_code == 200, answer.body

    return drive


def begin(at: Any) -> Drive:
    """By the link in the mail."""
    held = sold(at)
    token = at.on.services.linking.pay_page(held).partition("#")[2]
    return lambda _: at.call("POST", "/appointment/payment", link=token)


PAYMENTS: dict[str, Callable[[Any], Drive]] = {
    "PUT /v1/payments/account": lambda _: lambda at: at.call("PUT", "/payments/account", ACCOUNT),
    "DELETE /v1/payments/account": remove,
    "POST /v1/appointment/payment": begin,
    "GET /v1/customers/{customer}/appointments/{appointment}/payment": look,
    "POST /v1/webhooks/payrexx/{tenant}": report,
}
