"""A small application that uses every option of `@endpoint` once, and stand-ins for what lies under it."""

import json
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Any
from unittest import mock

from chalice.app import Blueprint, Chalice
from chalice.test import Client, HTTPResponse
from pydantic import Field

from chalicelib.api import pages
from chalicelib.api.http.answer import Text, Versioned, WithCookie
from chalicelib.api.http.auth import Link, Operator, Provider, Public, Staff
from chalicelib.api.http.cookies import SetCookie
from chalicelib.api.http.endpoint import WEBHOOK_TYPES, endpoint
from chalicelib.api.http.gateway import install
from chalicelib.api.http.models import Body, Id, Instant, Language, LocalDate, LocalTime, Query, View, line, many, text
from chalicelib.api.http.request import Call
from chalicelib.api.openapi import document as openapi
from chalicelib.domain.errors import (
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    SlotTakenError,
    TryAgainError,
)
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.tenancy import Standing
from chalicelib.domain.tokens import Token
from chalicelib.observability import logger
from chalicelib.records.session import Session
from chalicelib.services.operator.opening import Opening
from chalicelib.services.ports import Answer
from chalicelib.services.sign_in.sessions import StaffSession
from tests.fakes import DrivenClock, ListLog

TENANT = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b"
OTHER = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6c"
SECRET = "jane.doe@example.org"
routes = Blueprint(__name__)


class Person(Body):
    """A person."""

    name: Annotated[str, line(20, example="Jane")]
    seats: int = 1


class Booking(Body):
    """What to book."""

    starts_at: Instant
    customer: Person
    day: LocalDate | None = None
    opens: LocalTime = "08:00"
    language: Language = "de"
    note: Annotated[str, text(50)] = ""
    weight: float = 1.0
    days: Annotated[list[LocalDate], many(2)] = Field(default_factory=list)


class Asked(Query):
    """What may be asked."""

    since: Instant
    seats: int = 1
    only_free: bool = False
    experts: list[Id] = Field(default_factory=list)


class Shown(View):
    """What is shown."""

    id: Id
    starts_at: Instant
    name: Annotated[str, line(20, example="Jane")] = "x"


class Seen(View):
    """What a view got, told back to the test."""

    told: dict[str, Any]


@routes.route("/tenants/{tenant}/bookings", methods=["POST"])
@endpoint(
    auth=Public("customers book without an account"),
    takes=Booking,
    gives=Shown,
    status=201,
    idempotent=True,
    errors=(SlotTakenError,),
    summary="Book",
    max_bytes=2000,
)
def book(call: Call[Booking], tenant: str) -> Shown:
    """Books, unless the note names an error to raise."""
    raised = {"taken": SlotTakenError("Choose another time."), "busy": TryAgainError(retry_after=7)}
    raised["field"] = InvalidInputError("Use a mobile number.", field="customer.phone")
    raised["bug"] = RuntimeError(SECRET)
    if call.body.note in raised:
        raise raised[call.body.note]
    return Shown(id=tenant, starts_at=call.body.starts_at, name=(call.idempotency_key or call.ip)[:20])


@routes.route("/search")
@endpoint(auth=Public("nothing in it"), query=Asked, gives=Seen, summary="Search")
def search(call: Call[None, Asked]) -> Seen:
    """Tells what was asked."""
    return Seen(told=call.query.model_dump(mode="json"))


@routes.route("/tenants/{tenant}/staff")
@endpoint(auth=Staff("admin", "expert"), gives=Seen, summary="Staff only")
def staff(call: Call, tenant: str) -> Seen:
    """Tells who calls."""
    return Seen(told={"staff": call.session.staff, "tenant": tenant})


@routes.route("/tenants/{tenant}/thing", methods=["PUT"])
@endpoint(auth=Staff(), takes=Person, gives=Shown, match=True, summary="Change")
def change(call: Call[Person], tenant: str) -> Versioned[Shown]:
    """Answers with the version after the one that was matched."""
    shown = Shown(id=tenant, starts_at="2026-11-02T09:00:00Z")
    return Versioned(shown, 1 + (call.if_match or 0))


@routes.route("/own")
@endpoint(auth=Link("see one's appointment"), gives=Seen, summary="Own")
def own(call: Call) -> Seen:
    """Tells the link."""
    return Seen(told={"link": call.token})


@routes.route("/own", methods=["DELETE"])
@endpoint(auth=Link("cancel one's appointment"), summary="Drop")
def drop(call: Call) -> None:
    """Gives nothing."""


@routes.route("/kept")
@endpoint(auth=Public("public"), gives=Shown, cache="private, no-cache", summary="Kept")
def kept(call: Call) -> Versioned[Shown]:
    """May be kept by the caller."""
    return Versioned(Shown(id=TENANT, starts_at="2026-11-02T10:00:00+01:00"), 7)


@routes.route("/hooks/mill/{reference}", methods=["POST"], content_types=WEBHOOK_TYPES)
@endpoint(auth=Provider("mill", "X-Mill-Signature"), path={"reference": "[A-Za-z]{3}"}, summary="Mill calls")
def mill(call: Call, reference: str) -> Answer:
    """Tells the provider what came in."""
    hook = call.webhook
    told = {"path": hook.path, "query": hook.query, "body": hook.body.hex(), "type": hook.content_type}
    return Answer(body=json.dumps({**told, "signature": hook.headers.get("x-mill-signature")}))


@routes.route("/hooks/dam")
@endpoint(auth=Provider("dam"), summary="Dam calls")
def dam(call: Call) -> Answer:
    """An empty answer."""
    return Answer()


@routes.route("/calendar")
@endpoint(auth=Public("public"), produces="text/calendar", summary="A file")
def calendar(call: Call) -> Text:
    """Something that is no JSON."""
    return Text("BEGIN:VCALENDAR", "text/calendar; charset=utf-8")


@routes.route("/wrong")
@endpoint(auth=Public("public"), gives=Shown, summary="Wrong")
def wrong(call: Call) -> Seen:
    """Gives what it does not declare."""
    return Seen(told={"secret": SECRET})


@routes.route("/nothing")
@endpoint(auth=Public("public"), errors=(NotFoundError,), summary="Nothing there")
def nothing(call: Call) -> None:
    """Something that is not there."""
    raise NotFoundError


@routes.route("/with-a-key")
@endpoint(auth=Staff("admin", key="read"), gives=Seen, summary="Servers, too")
def with_a_key(call: Call) -> Seen:
    """Tells by what it was called."""
    return Seen(told={"scopes": sorted(call.session.scopes or ())})


@routes.route("/early", methods=["POST"])
@endpoint(auth=Staff(early=True, when_read_only=True), gives=Seen, summary="Whatever stands in the way")
def early(call: Call) -> Seen:
    """Tells how the session came."""
    return Seen(told={"by_cookie": call.by_cookie})


@routes.route("/cookie", methods=["POST"])
@endpoint(auth=Public("public"), gives=Shown, status=201, summary="Set a cookie")
def cookie(call: Call) -> WithCookie:
    """As a sign-in does."""
    return WithCookie(Shown(id=TENANT, starts_at="2026-11-02T09:00:00Z"), SetCookie("admin", "of-admin", 60))


@routes.route("/cookie", methods=["DELETE"])
@endpoint(auth=Public("public"), summary="Forget a cookie")
def no_cookie(call: Call) -> WithCookie:
    """As signing out does."""
    return WithCookie(None, SetCookie("admin", ""))


@routes.route("/operator/{thing}")
@endpoint(auth=Operator(), gives=Seen, summary="The operator only")
def operators(call: Call, thing: str) -> Seen:
    """Tells that the operator was let in."""
    return Seen(told={"thing": thing})


@dataclass
class FakeDoor:
    """Knows one access of the operator's staff, and remembers who came in."""

    admitted: list[tuple[str, str, bool]] = field(default_factory=list)
    entered: list[tuple[str, str]] = field(default_factory=list)

    def admit(self, session: StaffSession, *, early: bool, route: str, network: str) -> None:
        """Lets in whoever got this far."""
        self.admitted.append((route, network, early))

    def enter(self, session: StaffSession, *, tenant: str, access: str, route: str, network: str) -> StaffSession:
        """An admin's view of the tenant, for the one access that is open."""
        if access != OTHER:
            raise NotAllowedError("There is no open access.")
        self.entered.append((route, network))
        return replace(session, tenant=tenant, roles=frozenset({"admin"}), session=None, access=access)


DOOR = FakeDoor()
LOG = ListLog()


@dataclass
class FakeSessions:
    """Knows some tokens."""

    known: dict[str, StaffSession] = field(default_factory=dict)

    def authenticate(self, token: str, **_: str) -> StaffSession:
        """The session of a token."""
        if token not in self.known:
            raise NotSignedInError("Sign in again.")
        return self.known[token]


def session(tenant: str = TENANT, *roles: str, **changes: Any) -> StaffSession:
    """A session in `tenant`."""
    made = StaffSession(
        tenant=tenant, staff=OTHER, roles=frozenset(roles), zone="Europe/Zurich", session=A_SESSION, portal="admin"
    )
    return replace(made, **changes)


A_SESSION = Session.ref(Token(TENANT, OTHER, bytes(32)))
SESSIONS = FakeSessions(
    {
        "of-admin": session(TENANT, "admin"),
        "of-nobody": session(TENANT),
        "of-other": session(OTHER, "admin"),
        "of-operator": session(INSTALLATION, "operator", portal="operator"),
        "of-a-reader": session(TENANT, "admin", standing=Standing.READ_ONLY),
        "of-one-factor": session(TENANT, "admin", needs_second_factor=True),
        "of-one-factor-operator": session(INSTALLATION, "operator", needs_second_factor=True),
    }
)
KEYS = FakeSessions({"zk_of-server": session(TENANT, "admin", session=None, portal="", scopes=frozenset({"read"}))})


@cache
def sample_app() -> Chalice:
    """The application; one for all tests, since a blueprint can be registered only once."""
    app = Chalice("sample", configure_logs=False)
    app.log = logger
    install(app)
    app.register_blueprint(routes, url_prefix="/v1")
    app.register_blueprint(openapi.routes)
    app.register_blueprint(pages.routes)
    return app


@contextmanager
def serving() -> Iterator["Caller"]:
    """The application, ready to be called; services are the stand-ins."""
    services = types.SimpleNamespace(
        opening=Opening(is_open=True),
        sessions=SESSIONS,
        api_keys=KEYS,
        operating=DOOR,
        access_log=LOG,
        clock=DrivenClock(),
    )
    with mock.patch("chalicelib.wiring.services", return_value=services), Client(sample_app()) as client:
        yield Caller(client)


@dataclass
class Caller:
    """Calls the application as a client would."""

    client: Client

    def __call__(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None
    ) -> HTTPResponse:
        """Sends `body` as JSON, or bytes as they are."""
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        typed = {} if body is None else {"Content-Type": "application/json"}
        return self.client.http.request(method, path, headers={**typed, **(headers or {})}, body=sent)


def booking(**changed: object) -> dict[str, object]:
    """A body that is accepted, with changes."""
    return {"starts_at": "2026-11-02T10:00:00+01:00", "customer": {"name": "Jane"}, **changed}
