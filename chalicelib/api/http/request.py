"""What an endpoint gets to see of a request (`Call`), and how the raw request becomes that."""

import json
import re
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NoReturn, get_args, get_origin

from chalice.app import Request
from pydantic import ValidationError
from typing_extensions import TypeVar

from chalicelib.api.http.models import Body, Query
from chalicelib.api.http.problem import MalformedError, RefusedFieldsError, UnsupportedTypeError
from chalicelib.api.http.refusals import field_problems, repeated, unknown
from chalicelib.domain.errors import TooLargeError, VersionMismatchError
from chalicelib.domain.ip import UNKNOWN
from chalicelib.domain.visits import Visitor

if TYPE_CHECKING:
    from chalicelib.services.forms import FormUse
    from chalicelib.services.ports import WebhookRequest
    from chalicelib.services.sign_in.sessions import StaffSession

JSON_TYPE = "application/json"
_KEY = re.compile(r"[\x21-\x7e]{8,128}")
_VERSION = re.compile(r'"([0-9]{1,18})"')
_WHOLE = re.compile(r"-?[0-9]{1,18}")

TakenT = TypeVar("TakenT", bound=Body | None, default=None)
QueryT = TypeVar("QueryT", bound=Query | None, default=None)


@dataclass(frozen=True)
class Upload:
    """A body that is no JSON, and the type that its sender says it has."""

    content: bytes
    content_type: str


@dataclass(frozen=True, kw_only=True)
class Call(Generic[TakenT, QueryT]):
    """One call, checked: `Call[BookAppointment]`, `Call[None, SlotsAsked]`."""

    body: TakenT
    query: QueryT
    request_id: str
    visitor: Visitor
    by_cookie: bool = False  # the caller's session came in a cookie
    caller: "StaffSession | None" = None
    form: "FormUse | None" = None  # in endpoints that take one, unless a server calls by its key
    link: str | None = None
    idempotency_key: str | None = None
    if_match: int | None = None
    raw: "WebhookRequest | None" = None
    sent: Upload | None = None

    @property
    def ip(self) -> str:
        """The caller's network: the address shortened to /24 or /48."""
        return self.visitor.network

    @property
    def session(self) -> "StaffSession":
        """The caller's session, in endpoints for staff."""
        return _there(self.caller)

    @property
    def token(self) -> str:
        """The capability link's token, in endpoints behind a link."""
        return _there(self.link)

    @property
    def upload(self) -> Upload:
        """The body, in endpoints that take bytes."""
        return _there(self.sent)

    @property
    def webhook(self) -> "WebhookRequest":
        """The call as it came in, in endpoints for providers."""
        return _there(self.raw)


Present = TypeVar("Present")


def _there(value: Present | None) -> Present:
    if value is None:
        raise TypeError("this endpoint's auth does not provide that")
    return value


@dataclass
class Incoming:
    """A request while it is answered, and what the log line says of it. One per request, never kept."""

    request: Request
    request_id: str
    headers: Mapping[str, str]  # names in lower case
    problem: str = field(default="", kw_only=True)
    tenant: str = field(default="", kw_only=True)

    @classmethod
    def of(cls, request: Request) -> "Incoming":
        """Wraps Chalice's request; its id is the gateway's, or a fresh one where there is none."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        return cls(request, _request_id(request.context.get("requestId")), headers)

    def ip(self) -> str:
        """The caller's network, shortened before anything else sees it."""
        return self.visitor().network

    def visitor(self) -> Visitor:
        """Who calls."""
        identity = self.request.context.get("identity") or {}
        return Visitor.of(identity.get("sourceIp") or UNKNOWN, self.headers.get("user-agent", ""))

    @property
    def route(self) -> str:
        """Method and path of the route, with the names of its parameters instead of their values."""
        return f"{self.request.method} {self.request.path}"

    def query(self) -> dict[str, list[str]]:
        """The decoded query string."""
        return self.request.to_original_event().get("multiValueQueryStringParameters") or {}

    @property
    def media_type(self) -> str:
        """The type of the body, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def body(self, most: int) -> bytes:
        """The bytes of the body; TooLargeError above `most`."""
        raw = self.request.raw_body
        data = raw.encode() if isinstance(raw, str) else raw
        if len(data) > most:
            raise TooLargeError(f"Send at most {most} bytes.")
        return data


current: ContextVar[Incoming] = ContextVar("current")


def _request_id(given: object) -> str:
    try:
        return str(uuid.UUID(str(given)))
    except ValueError:
        return str(uuid.uuid4())


def read_body(incoming: Incoming, model: type[Body], most: int) -> Body:
    """The body as `model`, read strictly."""
    text, _ = read_json(incoming, most)
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        if error.errors(include_input=False)[0]["type"] == "json_invalid":  # half a surrogate pair, say
            raise _unreadable() from None
        raise RefusedFieldsError(field_problems(error)) from None


def read_json(incoming: Incoming, most: int) -> tuple[str, object]:
    """The body's text and what it says, once it is certain that every JSON reader understands the same by it."""
    if incoming.media_type != JSON_TYPE:
        raise UnsupportedTypeError(f"Send JSON with Content-Type: {JSON_TYPE}.")
    data = incoming.body(most)
    try:
        text = data.decode()
        return text, json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):  # a JSON or Unicode error's text quotes the input, so it ends here
        raise _unreadable() from None


def read_bytes(incoming: Incoming, types: tuple[str, ...], most: int) -> Upload:
    """The body as it is, if it says to be of one of these types."""
    if incoming.media_type not in types:
        raise UnsupportedTypeError(f"Send a Content-Type of these: {', '.join(types)}.")
    return Upload(incoming.body(most), incoming.media_type)


def _unreadable() -> MalformedError:
    return MalformedError("Send one JSON object in UTF-8, each key once, nested as documented.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        raise ValueError("a key comes twice")
    return keys


def _no_constant(_: str) -> NoReturn:
    raise ValueError("not a JSON number")


def read_query(given: Mapping[str, list[str]], model: type[Query] | None) -> Query | None:
    """The query string as `model`; without a model, no key is known."""
    if model is None:
        if given:
            raise RefusedFieldsError(unknown(given))
        return None
    kinds = {info.alias or name: info.annotation for name, info in model.model_fields.items()}
    lists = {name for name, kind in kinds.items() if get_origin(kind) is list}
    if twice := [name for name, values in given.items() if len(values) != 1 and name not in lists]:
        raise RefusedFieldsError(repeated(twice))
    typed = {name: [_typed(value, kinds.get(name)) for value in values] for name, values in given.items()}
    try:
        return model.model_validate({name: values if name in lists else values[0] for name, values in typed.items()})
    except ValidationError as error:
        raise RefusedFieldsError(field_problems(error)) from None


def _typed(value: str, kind: Any) -> object:
    """The value as the field's kind wants it. Numbers and truth values are spelled one way; else they stay text."""
    kinds = (kind, *get_args(kind))
    if bool in kinds:
        return {"true": True, "false": False}.get(value, value)
    return int(value) if int in kinds and _WHOLE.fullmatch(value) else value


def read_idempotency_key(headers: Mapping[str, str]) -> str | None:
    """The Idempotency-Key, if one was sent."""
    key = headers.get("idempotency-key")
    if key is not None and _KEY.fullmatch(key) is None:
        raise MalformedError("Send 8 to 128 visible ASCII characters.", field="Idempotency-Key")
    return key


def read_if_match(headers: Mapping[str, str]) -> int | None:
    """The version that If-Match asks for; an ETag that is none of ours can't be the current one."""
    tag = headers.get("if-match")
    if tag is None or tag.strip() == "*":
        return None
    version = _VERSION.fullmatch(tag.strip())
    if version is None:
        raise VersionMismatchError("Read it again and send the ETag of that answer.")
    return int(version.group(1))


def read_webhook(incoming: Incoming, most: int) -> "WebhookRequest":
    """The call as the provider made it, for checking its proof."""
    from chalicelib.services.ports import WebhookRequest  # noqa: PLC0415 (webhooks only)

    event = incoming.request.to_original_event()
    return WebhookRequest(
        path=event.get("path") or incoming.request.context.get("path", ""),
        query=tuple((name, value) for name, values in incoming.query().items() for value in values),
        headers=incoming.headers,
        body=incoming.body(most),
        content_type=incoming.headers.get("content-type", ""),
    )
