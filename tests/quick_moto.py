"""The fake DynamoDB in a hurry: the same answers as moto's for a third of the work.

Most of the time of the tests on moto went into moto itself. The parts that cost most are replaced here by cheaper ones
that give the same, which reaches into moto, hence the exact pin; `tests/test_quick_moto.py` compares the two.
"""

import base64
import copy
import importlib.metadata
import re
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from botocore import auth
from botocore.awsrequest import AWSPreparedRequest
from botocore.useragent import UserAgentString
from moto.core import botocore_stubber, models, parse, responses, serialize, utils
from moto.dynamodb import comparisons
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import DynamoDBBackend, dynamo_type, table
from moto.dynamodb.models.utilities import bytesize
from moto.dynamodb.responses import DynamoHandler
from werkzeug.http import http_date

PINNED = "5.2.5"
_SIZE_LIMIT = 405000  # moto's
_PLAIN = frozenset({"S", "N", "B", "BOOL", "NULL"})
_held: dict[tuple[Any, str], Any] = {}


class _UnusualError(Exception):
    """Raised for a value that moto itself had better look at."""


def _change(owner: Any, name: str) -> Callable[[Any], Any]:
    """Notes what replaces an attribute of one of moto's classes."""

    def noted(replacement: Any) -> Any:
        _CHANGES.append((owner, name, replacement))
        return replacement

    return noted


_CHANGES: list[tuple[Any, str, Any]] = [
    # Every call asks for all methods of the class that answers it.
    (responses, "method_names_from_class", cache(utils.method_names_from_class)),
    # What every call says of the machine.
    (UserAgentString, "to_string", lambda _: "tests"),
]


def original(owner: Any, name: str) -> Any:
    """What moto has there."""
    return _held[owner, name]


def install() -> None:
    """Makes moto quick in this process; nothing happens when it is."""
    installed = importlib.metadata.version("moto")
    if installed != PINNED:
        sys.exit(f"The tests change internals of moto {PINNED}, but {installed} is installed: check quick_moto.py.")
    for owner, name, replacement in _CHANGES:
        _held.setdefault((owner, name), getattr(owner, name, None) if name != "cast_value" else vars(owner)[name])
        setattr(owner, name, replacement)


@contextmanager
def slow() -> Iterator[None]:
    """Moto as it comes."""
    for owner, name, _ in _CHANGES:
        setattr(owner, name, original(owner, name))
    try:
        yield
    finally:
        install()


# What happens at the beginning of every test: moto registers 1,300 patterns for calls that do not go through boto3.


@_change(models.MockAWS, "_enable_patching")
def _enable_patching(self: models.MockAWS, reset: bool = True) -> None:
    models.botocore_stubber.enabled = True
    if reset:
        self.reset()
    models.responses_mock.start()


# What happens at every call: moto compares the address with the patterns of every service, and makes of a request what
# a web server would. The client signs each, and says what machine it runs on.


@_change(botocore_stubber.BotocoreStubber, "process_request")
def _process_request(self: Any, request: AWSPreparedRequest) -> Any:
    asked = _ADDRESS.fullmatch(str(request.url))
    if asked is None:
        return original(botocore_stubber.BotocoreStubber, "process_request")(self, request)
    return _handler(request, region=asked.group(1)).call_action()


_ADDRESS = re.compile(r"https://dynamodb\.([a-z0-9-]+)\.amazonaws\.com/")


def _handler(request: AWSPreparedRequest, *, region: str) -> Any:
    """What answers a call; it knows what it would know if moto had read the request."""
    handler: Any = DynamoHandler()
    told = ((name, value.decode() if isinstance(value, bytes) else value) for name, value in request.headers.items())
    handler.headers = _Headers({name.lower(): text for name, text in told})
    handler.querystring = dict(handler.headers)
    handler.method, handler.uri, handler.path = request.method, request.url, "/"
    handler.region, handler.partition, handler.current_account = region, "aws", _ACCOUNT
    handler.access_key = handler.get_access_key()
    handler.is_werkzeug_request, handler.uri_match = False, {}
    handler.response_headers = {"server": "amazon.com", "date": http_date(utils.utcnow())}
    parser: Any = parse.JSONParser(utils.get_service_model("dynamodb").operation_model(handler._get_action()))
    handler.params = parser.parse({"body": request.body})
    return handler


_ACCOUNT = "123456789012"


class _Headers(dict[str, str]):
    """Found by their names in any case."""

    def get(self, name: str, default: Any = None) -> Any:
        """One of them."""
        return super().get(name.lower(), default)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())


@_change(auth.SigV4Auth, "add_auth")
def _sign(self: auth.SigV4Auth, request: Any) -> None:
    """Nobody looks at a signature that stays within the process; addresses that are signed do not."""
    if type(self) is not auth.SigV4Auth or not models.botocore_stubber.enabled:
        original(auth.SigV4Auth, "add_auth")(self, request)


def _number(headers: dict[str, Any] | None = None) -> str:
    """That of an answer, which moto draws at random."""
    if headers is not None:
        headers["x-amzn-requestid"] = "0" * 52
    return "0" * 52


_change(responses, "gen_amzn_requestid_long")(_number)


# Values on their way in and out: moto asks a value of ten possible kinds for each of them, under several names.


@_change(parse.BaseJSONParser, "_parse_structure")
def _parse_structure(self: Any, shape: Any, value: Any) -> Any:
    if shape.name == "AttributeValue":
        try:
            return _read(value)
        except _UnusualError:
            pass
    return original(parse.BaseJSONParser, "_parse_structure")(self, shape, value)


def _read(value: Any) -> Any:
    kind, held = _only(value)
    if kind in {"S", "N"} and type(held) is str:
        return {kind: held}
    if kind == "B" and type(held) is str:
        return {kind: base64.b64decode(held)}
    if kind in {"BOOL", "NULL"} and type(held) is bool:
        return {kind: held}
    if kind in {"SS", "NS"} and type(held) is list and all(type(each) is str for each in held):
        return {kind: list(held)}
    if kind == "M" and type(held) is dict:
        return {kind: {name: _read(each) for name, each in held.items()}}
    if kind == "L" and type(held) is list:
        return {kind: [_read(each) for each in held]}
    raise _UnusualError


@_change(serialize.BaseJSONSerializer, "_serialize_type_map")
def _serialize_map(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    if shape.value.name == "AttributeValue":
        try:
            written = {name: _written(each) for name, each in value.items()}
        except _UnusualError:
            pass
        else:
            self._default_serialize(serialized, written, shape, key)
            return
    original(serialize.BaseJSONSerializer, "_serialize_type_map")(self, serialized, value, shape, key)


def _written(value: Any) -> Any:
    kind, held = _only(value)
    if kind in {"S", "N"} and type(held) is str:
        return {kind: held}
    if kind == "B" and type(held) is bytes:
        return {kind: base64.b64encode(held).decode()}
    if kind in {"BOOL", "NULL"} and type(held) is bool:
        return {kind: held}
    if kind in {"SS", "NS"} and type(held) is list and all(type(each) is str for each in held):
        return {kind: list(held)}
    if kind == "M" and type(held) is dict:
        return {kind: {name: _written(each) for name, each in held.items()}}
    if kind == "L" and type(held) is list:
        return {kind: [_written(each) for each in held]}
    raise _UnusualError


def _only(value: Any) -> tuple[str, Any]:
    if type(value) is not dict or len(value) != 1:
        raise _UnusualError
    found: tuple[str, Any] = next(iter(value.items()))
    return found


# Expressions: the same few are parsed again and again, up to three times a write.


@_change(comparisons.ConditionExpressionParser, "parse")
def _parse(self: comparisons.ConditionExpressionParser) -> Any:
    key = (
        self.condition_expression,
        repr(self.expression_attribute_names),
        repr(self.expression_attribute_values),
    )
    if key not in _parsed:
        if len(_parsed) > 5000:
            _parsed.clear()
        op = original(comparisons.ConditionExpressionParser, "parse")(self)
        _parsed[key] = op, tuple(self.expr_attr_names_found), tuple(self.expr_attr_values_found)
        return op
    op, names, values = _parsed[key]
    self.expr_attr_names_found += names
    self.expr_attr_values_found += values
    return op


_parsed: dict[tuple[Any, str, str], tuple[Any, tuple[str, ...], tuple[str, ...]]] = {}


# Items: copied for every answer and, with all of their table, for every write of a transaction. Here an item that lies
# in a table is never changed but replaced, so that copies of a table can share it.


@_change(dynamo_type.DynamoType, "__deepcopy__")
def _copied_value(self: dynamo_type.DynamoType, memo: dict[int, Any]) -> Any:
    if self.type in _PLAIN:
        return self
    return original(dynamo_type.DynamoType, "__deepcopy__")(self, memo)


def _cast_value(self: dynamo_type.DynamoType) -> Any:
    return self.value if self.type == "S" else original(dynamo_type.DynamoType, "cast_value").fget(self)


_change(dynamo_type.DynamoType, "cast_value")(property(_cast_value))


@_change(dynamo_type.Item, "__init__")
def _item(self: dynamo_type.Item, hash_key: Any, range_key: Any, attrs: dict[str, Any]) -> None:
    self.hash_key, self.range_key = hash_key, range_key
    self.attrs = dynamo_type.LimitedSizeDict()
    size = 0
    for name, value in attrs.items():
        kept = dynamo_type.DynamoType(value)
        size += bytesize(name) + kept.size()
        dict.__setitem__(self.attrs, name, kept)
    if size > _SIZE_LIMIT:
        raise ItemSizeTooLarge


@_change(dynamo_type.Item, "__deepcopy__")
def _copied_item(self: dynamo_type.Item, memo: dict[int, Any]) -> Any:
    made = object.__new__(dynamo_type.Item)
    made.hash_key, made.range_key = self.hash_key, self.range_key
    made.attrs = dynamo_type.LimitedSizeDict()
    for name, value in self.attrs.items():
        dict.__setitem__(made.attrs, name, value if value.type in _PLAIN else copy.deepcopy(value, memo))
    return made


@_change(table.Table, "__deepcopy__")
def _copied_table(self: table.Table, memo: dict[int, Any]) -> Any:
    before: dict[int, Any] | None = getattr(_transaction, "before", None)
    if before is not None and id(self) in before:
        return before[id(self)]
    made: Any = table.Table.__new__(table.Table)
    held: dict[Any, Any] = self.items
    for name, value in vars(self).items():
        setattr(made, name, copy.copy(value) if type(value) in {dict, list} else value)
    copied = {key: dict(of_key) if type(of_key) is dict else of_key for key, of_key in held.items()}
    made.items = defaultdict(dict, copied)
    if before is not None:
        before[id(self)] = made
    return made


_transaction = threading.local()
"""What the tables were before the transaction that this thread is in; moto makes its copies before it writes."""


@_change(DynamoDBBackend, "transact_write_items")
def _transact_write_items(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    _transaction.before = {}
    try:
        original(DynamoDBBackend, "transact_write_items")(self, transact_items)
    finally:
        _transaction.before = None


@_change(DynamoDBBackend, "update_item")
def _update_item(self: DynamoDBBackend, table_name: str, key: dict[str, Any], *how: Any, **further: Any) -> Any:
    of = self.get_table(table_name)
    if of.hash_key_attr in key and of.range_key_attr in key:
        lies_in = of.items[dynamo_type.DynamoType(key[of.hash_key_attr])]
        at = dynamo_type.DynamoType(key[of.range_key_attr])
        if at in lies_in:
            lies_in[at] = copy.deepcopy(lies_in[at])
    return original(DynamoDBBackend, "update_item")(self, table_name, key, *how, **further)
