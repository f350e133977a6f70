"""A simulated Payrexx: payment pages, transactions, refunds, and its webhook, signed.

Every instance exists and has the same keys. Paying is a click on the page (`<link>`), or a POST to the same address.
"""

import hashlib
import hmac
import itertools
import json
import re
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.reference import Reference
from infra.local.providers.exchange import Call, Request, Response, UnknownEventError, json_response
from infra.local.providers.inbox import Message
from infra.local.providers.reporting import deliver
from infra.local.providers.setup import Setup

NAME = "payrexx"
API_KEY = "insecure-local-payrexx-key"
SIGNING_KEY = "insecure-local-payrexx-signing-key"
_PATH = re.compile(r"/payrexx/v1\.\d+/(Gateway|Transaction)/(?:(\d+)/)?(refund/)?")
_PAY = "/payrexx/pay/"
_FORM = """<!doctype html><html lang="en"><title>Payment</title><body><h1>{amount:.2f} {currency}</h1><p>{purpose}</p>
<form method="post"><button>Pay</button></form></body></html>"""


@dataclass
class _Paid:
    """One transaction."""

    id: int
    status: str
    refunded: int = 0


@dataclass
class _Page:
    """One gateway, as it is called here, with what was paid on it."""

    id: int
    hash: str
    fields: dict[str, str]
    instance: str
    paid: list[_Paid] = field(default_factory=list)


class Payrexx:
    """All instances."""

    name = NAME
    prefix = "/payrexx/"
    events: tuple[str, ...] = ()

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._pages: dict[int, _Page] = {}
        self._numbers = itertools.count(1001)
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Response:
        """What Payrexx answers."""
        if request.path.startswith(_PAY):
            return self._pay(request)
        match = _PATH.fullmatch(request.path)
        if match is None:
            return self.error(404, 0)
        if not request.query.get("instance"):
            return json_response(422, {"status": "error", "message": "Validation failed"})
        if request.headers.get("x-api-key") != API_KEY:
            return json_response(403, {"status": "error", "message": "The API secret is not correct."})
        model, number, refund = match.groups()
        with self._lock:
            if model == "Gateway":
                return self._gateway(request, int(number or 0))
            return self._transaction(request, int(number or 0), refund=bool(refund))

    def error(self, status: int, code: int) -> Response:
        """How Payrexx says that it failed."""
        return json_response(status, {"status": "error", "message": f"Error {code}"})

    def report(self, message: Message, event: str) -> Call:
        """Nothing here is about a message."""
        raise UnknownEventError(event)

    def _gateway(self, request: Request, number: int) -> Response:
        if request.method == "POST":
            return self._open(request)
        page = self._pages.get(number)
        if page is None:
            return json_response(404, {"status": "error", "message": "No Gateway found with id " + str(number)})
        if request.method == "DELETE":
            del self._pages[number]
            return _data({"id": number})
        return _data(self._shown(page))

    def _open(self, request: Request) -> Response:
        form = request.form()
        if not form.get("amount", "").isdigit() or form.get("currency") not in {"CHF", "EUR"}:
            return json_response(422, {"status": "error", "message": "Validation failed"})
        number = next(self._numbers)
        page = _Page(number, secrets.token_hex(16), form, request.query["instance"])
        self._pages[number] = page
        return _data(self._shown(page))

    def _transaction(self, request: Request, number: int, *, refund: bool) -> Response:
        found = next(((page, paid) for page in self._pages.values() for paid in page.paid if paid.id == number), None)
        if found is None:
            return json_response(404, {"status": "error", "message": "No Transaction found with id " + str(number)})
        page, paid = found
        if refund:
            amount, whole = int(request.form().get("amount", "0")), int(page.fields["amount"])
            if not 0 < amount <= whole - paid.refunded:
                return json_response(422, {"status": "error", "message": "Validation failed"})
            paid.refunded += amount
            paid.status = "refunded" if paid.refunded == whole else "partially-refunded"
        return _data(_transaction(page, paid))

    def _pay(self, request: Request) -> Response:
        """The page that the payer sees: GET shows it, POST pays, or does with `status` what is said there."""
        page = next((one for one in self._pages.values() if one.hash == request.path.removeprefix(_PAY)), None)
        if page is None:
            return Response(404, b"This page is closed.", "text/plain")
        if request.method != "POST":
            said = {**page.fields, "amount": int(page.fields["amount"]) / 100}
            return Response(200, _FORM.format_map({"purpose": "", **said}).encode(), "text/html; charset=utf-8")
        with self._lock:
            paid = _Paid(next(self._numbers), request.query.get("status", "confirmed"))
            page.paid.append(paid)
        if request.query.get("report") != "none":
            threading.Thread(target=self._tell, args=(page, paid), daemon=True).start()
        return Response(303, b"", "text/plain", {"Location": page.fields.get("successRedirectUrl", "/")})

    def _tell(self, page: _Page, paid: _Paid) -> None:
        """The webhook that the back office of the instance is set to."""
        reference = Reference.parse(page.fields.get("referenceId", ""))
        if reference is None:
            return
        body = json.dumps({"transaction": _transaction(page, paid)}).encode()
        proof = hmac.new(SIGNING_KEY.encode(), body, hashlib.sha256).hexdigest()
        url = f"{self._setup.api_base}/v1/webhooks/payrexx/{reference.tenant}"
        headers = {"Content-Type": "application/json", "X-Webhook-Signature": proof}
        deliver(Call("POST", url, headers, body), event=paid.status, clock=self._setup.clock)

    def _shown(self, page: _Page) -> dict[str, Any]:
        transactions = [_transaction(page, paid) for paid in page.paid]
        invoice = {"currency": page.fields["currency"], "referenceId": page.fields.get("referenceId")}
        return {
            "id": page.id,
            "hash": page.hash,
            "link": f"{self._setup.own_url}{_PAY}{page.hash}",
            "status": "confirmed" if any(paid.status == "confirmed" for paid in page.paid) else "waiting",
            "referenceId": page.fields.get("referenceId"),
            "currency": page.fields["currency"],
            "amount": int(page.fields["amount"]),
            "invoices": [{**invoice, "transactions": transactions}] if transactions else [],
        }


def _transaction(page: _Page, paid: _Paid) -> dict[str, Any]:
    reference = page.fields.get("referenceId")
    return {
        "id": paid.id,
        "uuid": f"{paid.id:08x}",
        "status": paid.status,
        "amount": int(page.fields["amount"]),
        "referenceId": reference,
        "mode": "TEST",
        "contact": {"firstname": "Anna", "lastname": "Muster", "email": "anna.muster@kundin.example"},
        "invoice": {
            "currency": page.fields["currency"],
            "referenceId": reference,
            "paymentRequestId": page.id,
            "refundedAmount": paid.refunded,
        },
    }


def _data(content: dict[str, Any]) -> Response:
    return json_response(200, {"status": "success", "data": [content]})
