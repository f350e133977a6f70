"""Drives every route that leaves an entry, and compares what was written with what the route declares."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.api.http.endpoint import Unnoted
from chalicelib.domain.actions import Action
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.passwords import spell
from chalicelib.domain.visits import Visitor
from chalicelib.messages.secrecy_words import SECRECY_VERSION
from chalicelib.services.ports import Answer, OptOut, Receipt, WebhookRequest
from infra.local.client import booking
from tests.api.driven import second_factors as ledgered_factors
from tests.api.driven.attending import ATTENDING
from tests.api.driven.calendars import CALENDARS
from tests.api.driven.customers import CUSTOMERS
from tests.api.driven.offers import OFFERS
from tests.api.driven.payments import PAYMENTS
from tests.api.driven.pending import PENDING
from tests.api.driven.staff import STAFF
from tests.api.driven.waiting import WAITING
from tests.builders import Business, application, booked, link_to, registered
from tests.contracts.test_ledgered import ASKED, declared
from tests.services.ledgers import MemoryRoots, raw
from tests.services.operators import FIRST, QUICK, SECOND, founded, operator, operators_token, signed_in
from tests.services.operators import MAIL as OPERATORS_MAIL
from tests.services.prepared import open_business
from tests.stage import Stage

ADDRESS, NETWORK = "198.51.100.7", "198.51.100.0/24"
PROOF = bytes(range(32))
FUTURE = {"ground": "legal-claim", "reason": "a claim is pending", "ends_at": "2028-01-01T00:00:00Z"}
DRIVEN = [entry for entry in ASKED if not isinstance(declared(entry).ledger, Unnoted)]
TOLD_BY_PROVIDERS = [f"{entry.method} {entry.uri_pattern}" for entry in DRIVEN if "/webhooks/" in entry.uri_pattern]


@dataclass
class Saying:
    """A webhook that takes every call for what a test wants it to say."""

    says: list[Receipt | OptOut] = field(default_factory=list)
    answer = Answer()

    def read(self, request: WebhookRequest) -> list[Receipt | OptOut]:
        """Unsigned."""
        return self.says


@dataclass
class Desk:
    """A business with everybody around it, at the API."""

    on: Stage
    of: Business
    client: Client
    webhook: Saying

    def form(self, name: str, **fixed: str) -> str:
        """The token of a form."""
        return self.on.services.forms.hand_out(name, fixed).token

    def call(self, method: str, path: str, body: Any = None, *, token: str = "", link: str = "", form: str = "") -> Any:
        """One request from one network; AssertionError for anything but success."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token or self.of.token}"}
        headers |= {"Zusage-Link": link} if link else {}
        headers |= {"Zusage-Form": form} if form else {}
        sent = json.dumps(body).encode() if body is not None else b""
        answer = self.client.http.request(method, f"/v1{path}", headers=headers, body=sent)
        assert answer.status_code < 300, answer.body
        return json.loads(answer.body) if answer.body[:1] == b"{" else None


Drive = Callable[[Desk], object]
"""Makes one call; what it needs beforehand was made by `ready`."""


def link(at: Desk, name: str) -> str:
    """A customer's link."""
    return at.on.services.linking.self_service(booked(at.on, at.of))[name]


def wish(at: Desk) -> dict[str, Any]:
    """A booking."""
    customer = {
        "given_name": "Anna",
        "family_name": "Muster",
        "email": "anna@kundin.example",
        "phone": None,
        "language": "de",
        "zone": "Europe/Zurich",
    }
    return booking(at.of.service.id, at.of.expert, starts_at="2026-11-09T09:00:00Z", customer=customer)


def book(at: Desk) -> Drive:
    """In a form."""
    form = at.form("booking", tenant=at.of.tenant, service=at.of.service.id)
    return lambda _: at.call("POST", f"/tenants/{at.of.tenant}/appointments", wish(at), form=form)


def visit(at: Desk) -> Drive:
    """Two appointments at once, in a form."""
    asked = wish(at)
    item = {name: asked[name] for name in ("service", "expert", "duration", "answers")}
    whole = {name: asked[name] for name in ("starts_at", "customer", "address", "sms_wanted")}
    body = {**whole, "items": [item, item], "repeat": {"weeks": 1, "times": 1}}
    form = at.form("visit", tenant=at.of.tenant)
    return lambda _: at.call("POST", f"/tenants/{at.of.tenant}/visits", body, form=form)


def make_key(at: Desk) -> Any:
    """A key for a server."""
    wanted = {"label": "Website", "scopes": ["services:read"], "valid_until": "2027-01-01T00:00:00Z"}
    return at.call("POST", "/api-keys", wanted)


def revoke_key(at: Desk) -> Drive:
    """Of one that was made."""
    key = make_key(at)["id"]
    return lambda _: at.call("DELETE", f"/api-keys/{key}")


def terms(at: Desk) -> dict[str, Any]:
    """A service."""
    return {"name": "Beratung", "duration": 30, "step": 30, "experts": [at.of.expert]}


def register(at: Desk, email: str) -> Drive:
    """A registration."""
    given = {**vars(application(email=email))}
    return lambda _: at.call("POST", "/registrations", given, form=at.form("registration"))


def confirm(at: Desk) -> Drive:
    """Registers, and confirms by the link in the mail."""
    register(at, "neu@praxis-neu.example")(at)
    at.on.pump()
    token = link_to(at.on, "confirm")
    return lambda _: at.call("POST", "/registrations/confirmation", {"token": token})


def sign_in(at: Desk) -> Drive:
    """By a link in a mail."""
    at.call("POST", "/sign-in-links", {"email": "regula@praxis-brunner.example"})
    at.on.pump()
    token = link_to(at.on, "sign-in")
    return lambda _: at.call("POST", "/sessions", {"token": token})


def of_customer(at: Desk, method: str, path: str, body: Any = None) -> Drive:
    """Something about a customer."""
    customer = booked(at.on, at.of).subject
    return lambda _: at.call(method, f"/customers/{customer}{path}", body)


def lift_hold(at: Desk) -> Drive:
    """Of a hold that was placed."""
    customer = booked(at.on, at.of).subject
    (hold,) = at.call("POST", f"/customers/{customer}/holds", FUTURE)["holds"]
    return lambda _: at.call("DELETE", f"/customers/{customer}/holds/{hold['id']}?because=settled")


def lift_restriction(at: Desk) -> Drive:
    """Of one that was set."""
    customer = booked(at.on, at.of).subject
    at.call("PUT", f"/customers/{customer}/restriction", {"ground": "unlawful"})
    return lambda _: at.call("DELETE", f"/customers/{customer}/restriction")


def report(at: Desk, path: str, method: str = "POST") -> Drive:
    """A provider's word about a mail."""
    booked(at.on, at.of)
    at.on.pump()
    reference = at.on.mails()[-1].reference
    at.webhook.says = [
        Receipt(
            provider="mailgun",
            reference=reference,
            provider_id="1",
            event_id="1",
            delivery=Delivery.DELIVERED,
            at=at.on.clock.now,
        )
    ]
    return lambda _: at.call(method, f"/webhooks/{path}", {} if method == "POST" else None)


def stop(at: Desk) -> Drive:
    """Somebody does not want text messages."""
    at.webhook.says = [OptOut(provider="twilio", event_id="1", phone="+41795550123", stop=True)]
    return lambda _: at.call("POST", "/webhooks/twilio/inbound", {})


def accept(at: Desk) -> Drive:
    """What is in force."""
    shown = {name: text for name, text in at.call("GET", "/registrations").items() if name.endswith("_version")}
    return lambda _: at.call("POST", "/staff/me/acceptances", {**shown, "language": "en"})


def by_operator(at: Desk, method: str, path: str, body: Any = None) -> Drive:
    """By somebody who works for the operator."""
    token = operators_token(at.on)
    return lambda _: at.call(method, path, body, token=token)


def replace_first_password(at: Desk) -> Drive:
    """Of an account that was just made."""
    founded(at.on)
    proofs = {"proof": spell(FIRST), "new_proof": spell(SECOND)}
    return lambda _: at.call("POST", "/operator/first-password", {"email": OPERATORS_MAIL, **proofs})


def confirm_secrecy(at: Desk) -> Drive:
    """For the first time."""
    founded(at.on)
    token = signed_in(at.on).token
    confirmed = {"version": SECRECY_VERSION, "language": "de"}
    return lambda _: at.call("POST", "/operator/secrecy", confirmed, token=token)


def access(at: Desk) -> dict[str, str]:
    """To the business's data."""
    return {"tenant": at.of.tenant, "reason": "Ticket 4711: the owner asks for help"}


def close_access(at: Desk) -> Drive:
    """One that is open."""
    session = operator(at.on)
    opened = at.on.services.accessing.open(session, **access(at), network=NETWORK)
    token = signed_in(at.on).token
    return lambda _: at.call("DELETE", f"/operator/accesses/{at.of.tenant}/{opened.id}", token=token)


def sign_in_by_password(at: Desk) -> Drive:
    """With one that was just set."""
    at.call("PUT", "/staff/me/password", {"proof": spell(PROOF)})
    given = {"email": "regula@praxis-brunner.example", "proof": spell(PROOF), "portal": None, "keep": "token"}
    return lambda _: at.call("POST", "/sign-in", given, form=at.form("sign-in"))


def ask_for_reset(at: Desk) -> Drive:
    """Of the owner's password."""
    given = {"email": "regula@praxis-brunner.example"}
    return lambda _: at.call("POST", "/password-resets", given, form=at.form("reset"))


def complete_reset(at: Desk) -> Drive:
    """By the link in the mail."""
    ask_for_reset(at)(at)
    at.on.pump()
    given = {"token": link_to(at.on, "reset"), "proof": spell(PROOF)}
    return lambda _: at.call("POST", "/password-resets/completion", given)


def end_session(at: Desk) -> Drive:
    """One that is open elsewhere."""
    _open_elsewhere(at)
    (other,) = [each["id"] for each in at.call("GET", "/staff/me/sessions")["sessions"] if not each["current"]]
    return lambda _: at.call("POST", f"/staff/me/sessions/{other}/ending", {})


def end_other_sessions(at: Desk) -> Drive:
    """All but this one."""
    _open_elsewhere(at)
    return lambda _: at.call("POST", "/staff/me/sessions/ending", {})


def _open_elsewhere(at: Desk) -> None:
    at.call("POST", "/sign-in-links", {"email": "regula@praxis-brunner.example"})
    at.on.pump()
    at.on.services.signing_in.sign_in(link_to(at.on, "sign-in"), visitor=Visitor.of(ADDRESS, ""))


def card() -> dict[str, Any]:
    """How a business is reached."""
    given = {name: value for name, value in vars(application()).items() if name in _POSTAL}
    return {**given, "contact_mail": "praxis@see.example", "contact_phone": "+41445550101"}


def resume(at: Desk) -> Drive:
    """What was cancelled."""
    at.call("POST", "/tenant/cancellation")
    return lambda _: at.call("DELETE", "/tenant/cancellation")


def resume_by_plan(at: Desk) -> Drive:
    """What was cancelled goes on with a plan."""
    at.call("POST", "/tenant/cancellation")
    return lambda _: at.call("POST", "/tenant/plan", {"plan": "standard"})


def extend(at: Desk) -> Drive:
    """The trial of somebody else."""
    trial, token = registered(at.on, email="neu@praxis-neu.example"), operators_token(at.on)
    return lambda _: at.call("POST", f"/operator/tenants/{trial.tenant}/trial", {"days": 10}, token=token)


_POSTAL = {"company", "street", "postal_code", "city", "country", "language"}

READY: dict[str, Callable[[Desk], Drive]] = {
    **ledgered_factors.READY,
    **STAFF,
    **WAITING,
    **OFFERS,
    **CUSTOMERS,
    **CALENDARS,
    **PENDING,
    **PAYMENTS,
    **ATTENDING,
    "GET /v1/tenant": lambda _: lambda at: at.call("GET", "/tenant"),
    "PUT /v1/tenant": lambda _: lambda at: at.call("PUT", "/tenant", card()),
    "POST /v1/tenant/plan": resume_by_plan,
    "POST /v1/tenant/cancellation": lambda _: lambda at: at.call("POST", "/tenant/cancellation"),
    "DELETE /v1/tenant/cancellation": resume,
    "GET /v1/tenant/export": lambda _: lambda at: at.call("GET", "/tenant/export"),
    "POST /v1/operator/tenants/{tenant}/trial": extend,
    "POST /v1/registrations": lambda at: register(at, "neu@praxis-neu.example"),
    "POST /v1/registrations/confirmation": confirm,
    "POST /v1/sign-in-links": lambda _: (
        lambda at: at.call("POST", "/sign-in-links", {"email": "regula@praxis-brunner.example"})
    ),
    "POST /v1/sessions": sign_in,
    "POST /v1/sign-in": sign_in_by_password,
    "PUT /v1/staff/me/password": lambda _: lambda at: at.call("PUT", "/staff/me/password", {"proof": spell(PROOF)}),
    "POST /v1/password-resets": ask_for_reset,
    "POST /v1/password-resets/completion": complete_reset,
    "GET /v1/staff/me/sessions": lambda _: lambda at: at.call("GET", "/staff/me/sessions"),
    "POST /v1/staff/me/sessions/{session}/ending": end_session,
    "POST /v1/staff/me/sessions/ending": end_other_sessions,
    "DELETE /v1/session": lambda _: lambda at: at.call("DELETE", "/session"),
    "POST /v1/services": lambda _: lambda at: at.call("POST", "/services", terms(at)),
    "GET /v1/services": lambda _: lambda at: at.call("GET", "/services"),
    "PUT /v1/services/{service}": lambda _: lambda at: at.call("PUT", f"/services/{at.of.service.id}", terms(at)),
    "PUT /v1/staff/{staff}/availability": lambda _: (
        lambda at: at.call("PUT", f"/staff/{at.of.expert}/availability", {"zone": "Europe/Zurich", "weekly": []})
    ),
    "GET /v1/staff/{staff}/availability": lambda _: lambda at: at.call("GET", f"/staff/{at.of.expert}/availability"),
    "POST /v1/tenants/{tenant}/appointments": book,
    "POST /v1/tenants/{tenant}/visits": visit,
    "GET /v1/api-keys": lambda _: lambda at: at.call("GET", "/api-keys"),
    "POST /v1/api-keys": lambda _: make_key,
    "DELETE /v1/api-keys/{key}": revoke_key,
    "POST /v1/appointment/cancellation": lambda at: _by_link(at, "cancel", "/appointment/cancellation"),
    "POST /v1/appointment/rescheduling": lambda at: _by_link(
        at, "reschedule", "/appointment/rescheduling", {"starts_at": "2026-11-09T12:00:00Z"}
    ),
    "GET /v1/appointments": lambda _: (
        lambda at: at.call("GET", "/appointments?from=2026-11-09T00:00:00Z&to=2026-11-10T00:00:00Z")
    ),
    "GET /v1/ledger/entries": lambda _: lambda at: at.call("GET", "/ledger/entries?day=2026-11-02"),
    "GET /v1/operator/telemetry": lambda at: by_operator(at, "GET", "/operator/telemetry?day=2026-10-30"),
    "GET /v1/operator/promises": lambda at: by_operator(at, "GET", "/operator/promises"),
    "POST /v1/operator/first-password": replace_first_password,
    "GET /v1/operator/staff": lambda at: by_operator(at, "GET", "/operator/staff"),
    "POST /v1/operator/staff": lambda at: by_operator(
        at, "POST", "/operator/staff", {"email": "reto@example.ch", "language": "de"}
    ),
    "GET /v1/operator/secrecy": lambda at: by_operator(at, "GET", "/operator/secrecy"),
    "POST /v1/operator/secrecy": confirm_secrecy,
    "POST /v1/operator/accesses": lambda at: by_operator(at, "POST", "/operator/accesses", access(at)),
    "DELETE /v1/operator/accesses/{tenant}/{access}": close_access,
    "GET /v1/tenant/accesses": lambda _: lambda at: at.call("GET", "/tenant/accesses"),
    "GET /v1/customers/{customer}/holds": lambda at: of_customer(at, "GET", "/holds"),
    "POST /v1/customers/{customer}/holds": lambda at: of_customer(at, "POST", "/holds", FUTURE),
    "DELETE /v1/customers/{customer}/holds/{hold}": lift_hold,
    "POST /v1/customers/{customer}/legal-view": lambda at: of_customer(
        at, "POST", "/legal-view", {"ground": "legal-claim"}
    ),
    "PUT /v1/customers/{customer}/restriction": lambda at: of_customer(
        at, "PUT", "/restriction", {"ground": "unlawful"}
    ),
    "DELETE /v1/customers/{customer}/restriction": lift_restriction,
    "POST /v1/staff/me/acceptances": accept,
    "POST /v1/webhooks/mailgun": lambda at: report(at, "mailgun"),
    "POST /v1/webhooks/ses": lambda at: report(at, "ses"),
    "GET /v1/webhooks/smsapi/{secret}/{reference}": lambda at: report(at, "smsapi/secret/reference", "GET"),
    "POST /v1/webhooks/twilio/status/{reference}": lambda at: report(at, "twilio/status/reference"),
    "POST /v1/webhooks/twilio/inbound": stop,
}


def _by_link(at: Desk, name: str, path: str, body: Any = None) -> Drive:
    token = link(at, name)
    return lambda _: at.call("POST", path, body, link=token)


@contextmanager
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A client of the real app whose services are those of a stage, called from one address."""
    with open_business() as (on, of), Client(app) as client:
        held, webhook = vars(on.services), Saying()
        held["roots"], held["hasher"] = MemoryRoots(), QUICK
        held["webhooks"] = dict.fromkeys(("mailgun", "ses", "smsapi", "twilio"), webhook)
        monkeypatch.setattr(wiring, "services", lambda: on.services)
        monkeypatch.setattr("chalicelib.api.http.request.Incoming.visitor", lambda _: Visitor.of(ADDRESS, ""))
        yield Desk(on, of, client, webhook)


def test_every_route_is_driven() -> None:
    """Who adds one that leaves an entry says here how it is called."""
    assert set(READY) == {f"{entry.method} {entry.uri_pattern}" for entry in DRIVEN}


@pytest.mark.parametrize("entry", DRIVEN, ids=lambda entry: f"{entry.method} {entry.uri_pattern}")
def test_what_is_written_is_what_is_declared(entry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kind, time, business, network, and who it was, of every entry that one call leaves."""
    name = f"{entry.method} {entry.uri_pattern}"
    with desk(monkeypatch) as at:
        drive = READY[name](at)
        at.on.clock.move(seconds=60)
        before = {(item["pk"]["S"], item["sk"]["S"]) for item in raw()}
        drive(at)
        written = [item for item in raw() if (item["pk"]["S"], item["sk"]["S"]) not in before]

        assert written, "nothing was noted"
        assert {item["action"]["S"] for item in written} <= {action.value for action in declared(entry).ledger}
        assert {item["at"]["N"] for item in written} == {str(int(at.on.clock.now.timestamp()))}
        for item in written:
            _check(at, item, by_provider=name in TOLD_BY_PROVIDERS, by_operator="/operator/" in name)


def _check(at: Desk, item: dict[str, Any], *, by_provider: bool, by_operator: bool) -> None:
    """Whose business, from where, by whom."""
    action, (_, tenant, day) = Action(item["action"]["S"]), item["pk"]["S"].split("#")
    assert day == "2026-11-02"
    if action in {Action.ACCESS_OPENED, Action.ACCESS_CLOSED}:
        assert tenant in {INSTALLATION, at.of.tenant}
    elif action is Action.TRIAL_EXTENDED:
        assert tenant not in {INSTALLATION, at.of.tenant}
    elif by_operator or action is Action.OPTED_OUT:
        assert tenant == INSTALLATION
    elif action not in {Action.REGISTERED, Action.CONFIRMED, Action.SIGNED_IN}:
        assert tenant == at.of.tenant
    if not by_provider:  # a provider's address is nobody's
        assert item["network"]["S"] == NETWORK
    if action.source == "staff" and action not in {Action.CONFIRMED, Action.SIGNED_IN, Action.STAFF_JOINED}:
        assert (item["actor"]["S"] == at.of.expert) is not by_operator
    unknown = {Action.RESERVATION_RETURNED}  # whoever gives a time back has not said yet who they are
    if action.source == "customer" and not by_provider and action not in unknown:
        assert item["actor"]["S"] == item["about"]["S"]
