"""`@endpoint`: everything about a route but what it does, declared once, kept by one function.

Goes directly under `@routes.route(...)`. It checks the path, who calls, headers, query and body in this order, calls
the view, and turns what comes back, or what is raised, into an answer. Chalice has no hook for errors, so this is it.
The declaration stays on the view as `view.__endpoint__`, for the OpenAPI document and the contract tests.
"""

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypedDict, Unpack, get_origin, overload

from chalice.app import Response
from typing_extensions import TypeVar

from chalicelib import wiring
from chalicelib.api.http.answer import (
    CLEAR_HEADER,
    CLEARED,
    NO_STORE,
    Text,
    Versioned,
    WithCookie,
    empty_answer,
    problem_answer,
    text_answer,
    view_answer,
)
from chalicelib.api.http.auth import (
    Auth,
    Link,
    Operator,
    Provider,
    Public,
    Staff,
    by_cookie,
    key_session,
    link_token,
    operator_session,
    staff_session,
)
from chalicelib.api.http.forms import returned_form
from chalicelib.api.http.models import Body, Query, View
from chalicelib.api.http.problem import INTERNAL, problem_of
from chalicelib.api.http.request import (
    JSON_TYPE,
    Call,
    Incoming,
    current,
    read_body,
    read_bytes,
    read_idempotency_key,
    read_if_match,
    read_json,
    read_query,
    read_webhook,
)
from chalicelib.api.http.visits import PAGE, noted
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import CallerError, ChangedMeanwhileError, NotFoundError, TryAgainError
from chalicelib.domain.ids import ID_PATTERN
from chalicelib.observability import logger

WEBHOOK_TYPES = [JSON_TYPE, "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]

P = ParamSpec("P")
BodyT = TypeVar("BodyT", bound=Body)
QueryT = TypeVar("QueryT", bound=Query)


@dataclass(frozen=True)
class Unnoted:
    """Leaves no entry in the ledger; `why` is the reason why that is right."""

    why: str

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise TypeError("Unnoted needs its reason")


class Options(TypedDict, total=False):
    """What `@endpoint` may say beside who calls, what is taken and what is asked; meanings at `Endpoint`."""

    gives: type[View] | None
    status: int
    form: str
    idempotent: bool
    match: bool
    errors: tuple[type[CallerError | TryAgainError], ...]
    path: Mapping[str, str]
    cache: str
    produces: str | tuple[str, ...]
    any_query: bool
    max_bytes: int
    takes_bytes: tuple[str, ...]
    ledger: tuple[Action, ...] | Unnoted
    before_setup: bool
    ends_session: bool
    location: str


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """The declaration of one route."""

    auth: Auth
    summary: str
    takes: type[Body] | None = None
    query: type[Query] | None = None
    gives: type[View] | None = None
    status: int = 0  # 200, or 204 where nothing is given
    form: str = ""  # the one of domain/forms.py that the body has to be; the view uses it up
    idempotent: bool = False  # reads Idempotency-Key
    match: bool = False  # reads If-Match; may answer 412
    errors: tuple[type[CallerError | TryAgainError], ...] = ()  # beside those that follow from the rest
    path: Mapping[str, str] = field(default_factory=dict)  # pattern a path parameter; unnamed ones are ids
    cache: str = NO_STORE  # Cache-Control of a good answer; anything else turns on ETag and 304
    produces: str | tuple[str, ...] = JSON_TYPE
    any_query: bool = False  # ignores the query string: pages get links with whatever trackers others add
    max_bytes: int = 65_536
    takes_bytes: tuple[str, ...] = ()  # the media types of a body that is no JSON; it comes as `call.upload`
    ledger: tuple[Action, ...] | Unnoted | None = None  # the entries that a call leaves which does something
    before_setup: bool = False  # answers although the installation's first password was not replaced yet
    ends_session: bool = False  # a good answer has the browser drop what it keeps of us
    location: str = ""  # where what was made is read, as seen from here; `{id}` is that field of what is given
    versioned: bool = False  # what is given has a version: its ETag; follows from what the view returns
    description: str = ""
    tag: str = ""  # the resource: the name of the view's module

    @property
    def success(self) -> int:
        """The status of a good answer."""
        empty = self.gives is None and self.produces == JSON_TYPE and not isinstance(self.auth, Provider)
        return self.status or (204 if empty else 200)

    @property
    def media_types(self) -> tuple[str, ...]:
        """The types a good answer can have."""
        return (self.produces,) if isinstance(self.produces, str) else self.produces

    def pattern(self, name: str) -> str:
        """What a path parameter must look like."""
        return self.path.get(name, ID_PATTERN)


View_ = Callable[P, Response]


@overload
def endpoint(
    *, auth: Auth, summary: str, **options: Unpack[Options]
) -> Callable[[Callable[Concatenate[Call[None, None], P], object]], View_[P]]: ...
@overload
def endpoint(
    *, auth: Auth, summary: str, takes: type[BodyT], **options: Unpack[Options]
) -> Callable[[Callable[Concatenate[Call[BodyT, None], P], object]], View_[P]]: ...
@overload
def endpoint(
    *, auth: Auth, summary: str, query: type[QueryT], **options: Unpack[Options]
) -> Callable[[Callable[Concatenate[Call[None, QueryT], P], object]], View_[P]]: ...
@overload
def endpoint(
    *, auth: Auth, summary: str, takes: type[BodyT], query: type[QueryT], **options: Unpack[Options]
) -> Callable[[Callable[Concatenate[Call[BodyT, QueryT], P], object]], View_[P]]: ...
def endpoint(**declared: Any) -> Any:
    """Declares a view to be an endpoint; see `Endpoint` for what can be said."""

    def declare(view: Callable[..., object]) -> Callable[..., Response]:
        described = Endpoint(
            **declared,
            versioned=_is_versioned(view),
            description=inspect.getdoc(view) or "",
            tag=view.__module__.rpartition(".")[2],
        )

        @functools.wraps(view)
        def answer(**path: str) -> Response:
            respond = functools.partial(_respond, described, view, path)
            return noted(respond) if PAGE in described.media_types else respond()

        answer.__endpoint__ = described  # type: ignore[attr-defined]
        return answer

    return declare


def _is_versioned(view: Callable[..., object]) -> bool:
    given = view.__annotations__.get("return")
    return (get_origin(given) or given) is Versioned


def _respond(declared: Endpoint, view: Callable[..., object], path: dict[str, str]) -> Response:
    incoming = current.get()
    try:
        if not declared.before_setup:
            wiring.services().opening.check()
        response = _answer(declared, incoming, _viewed(view, _call(declared, incoming, path), path))
        if declared.ends_session:
            response.headers[CLEAR_HEADER] = CLEARED
        return response
    except (CallerError, TryAgainError) as error:
        problem = problem_of(error)
    except Exception:  # noqa: BLE001 - the last net: logged without its text, answered as 500
        logger.exception("unhandled", extra={"request_id": incoming.request_id})
        problem = INTERNAL
    incoming.problem = problem.slug
    return problem_answer(problem, incoming.request_id)


def _viewed(view: Callable[..., object], call: Call[Any, Any], path: Mapping[str, str]) -> object:
    """What the view gives. A form is used up by then; whoever sent it at the same time, and was faster, used it."""
    if call.form is None:
        return _renewed(view, call, path)
    try:
        given = view(call, **path)
    except ChangedMeanwhileError as error:
        call.form.lost(error)
        raise
    if not call.form.settled:
        raise TypeError(f"the view did not use the form {call.form.name}")
    return given


def _renewed(view: Callable[..., object], call: Call[Any, Any], path: Mapping[str, str]) -> object:
    """What the view gives; a session that is due for it is renewed at the same time, not before."""
    if call.caller is None or call.caller.renew is None:
        return view(call, **path)
    from chalicelib.services.side_by_side import side_by_side  # noqa: PLC0415 (sessions are seldom due)

    given, _ = side_by_side(lambda: view(call, **path), call.caller.renew)
    return given


def _call(declared: Endpoint, incoming: Incoming, path: Mapping[str, str]) -> Call[Any, Any]:
    if not all(re.fullmatch(declared.pattern(name), value) for name, value in path.items()):
        raise NotFoundError("Check the address: a part of it does not have the right form.")
    given: dict[str, Any] = _admitted(declared, incoming, path)
    if declared.form and "caller" not in given:
        _, content = read_json(incoming, declared.max_bytes)
        given["form"] = returned_form(declared.form, content, incoming, path)
    if declared.idempotent:
        given["idempotency_key"] = read_idempotency_key(incoming.headers)
    if declared.takes_bytes:
        given["sent"] = read_bytes(incoming, declared.takes_bytes, declared.max_bytes)
    if declared.match:
        given["if_match"] = read_if_match(incoming.headers)
    ignores_query = declared.any_query or isinstance(declared.auth, Provider)
    return Call(
        query=None if ignores_query else read_query(incoming.query(), declared.query),
        body=read_body(incoming, declared.takes, declared.max_bytes) if declared.takes else None,
        request_id=incoming.request_id,
        visitor=incoming.visitor(),
        **given,
    )


def _admitted(declared: Endpoint, incoming: Incoming, path: Mapping[str, str]) -> dict[str, Any]:
    """What the auth hands to the call; raises when it does not let the caller in."""
    match declared.auth:
        case Staff():
            session = staff_session(declared.auth, incoming, path)
            incoming.tenant = session.tenant
            return {"caller": session, "by_cookie": by_cookie(incoming.headers)}
        case Link():
            return {"link": link_token(incoming.headers)}
        case Provider():
            return {"raw": read_webhook(incoming, declared.max_bytes)}
        case Operator():
            return {"caller": operator_session(declared.auth, incoming)}
        case Public():
            server = key_session(declared.auth, incoming, path)
            return {} if server is None else {"caller": server}


def _answer(declared: Endpoint, incoming: Incoming, result: object) -> Response:
    how: dict[str, Any] = {"status": declared.success, "request_id": incoming.request_id}
    kept: dict[str, Any] = {**how, "cache": declared.cache, "seen": incoming.headers.get("if-none-match", "")}
    if isinstance(result, WithCookie):
        response = _answer(declared, incoming, result.answer)
        response.headers["Set-Cookie"] = result.cookie.header()
        return response
    view = result.view if isinstance(result, Versioned) else result
    if declared.gives is not None and isinstance(view, declared.gives):
        response = view_answer(result, **kept)  # type: ignore[arg-type]
        if declared.location:
            response.headers["Location"] = declared.location.format_map(vars(view))
        return response
    if declared.gives is None and isinstance(result, Text):
        return text_answer(result, **kept)
    if declared.gives is None and result is None:
        return empty_answer(**how)
    from chalicelib.services.ports import Answer  # noqa: PLC0415 (only webhooks answer with it)

    if declared.gives is None and isinstance(result, Answer):
        return text_answer(Text(result.body, result.content_type), **kept)
    raise TypeError(f"the view gave {type(result).__name__}, which its endpoint does not declare")
