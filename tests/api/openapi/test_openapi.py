"""The OpenAPI document: complete, valid, the same every time, and true."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from chalice.app import Chalice, RouteEntry
from jsonschema import Draft202012Validator

from chalicelib.api.openapi._samples import NoSampleError, sample
from chalicelib.api.openapi.document import document
from tests.api.sample_app import TENANT, Caller, booking, sample_app, serving


@pytest.fixture
def call() -> Iterator[Caller]:
    with serving() as caller:
        yield caller


def described() -> dict[str, Any]:
    """The document as a client gets it."""
    return json.loads(json.dumps(document(sample_app())))


def entries() -> list[RouteEntry]:
    """Every route of the sample."""
    return [entry for methods in sample_app().routes.values() for entry in methods.values()]


def operation(method: str, path: str) -> dict[str, Any]:
    """One operation."""
    return described()["paths"][path][method]


def references(node: Any) -> Iterator[str]:
    """Every $ref under a node."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if key == "$ref":
            yield value
        yield from references(value)


def media(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every media type object of bodies and answers, shared ones included."""
    operations = [one for item in document["paths"].values() for one in item.values()]
    answers = [answer for one in operations for answer in one["responses"].values()]
    for holder in [
        *answers,
        *(one.get("requestBody", {}) for one in operations),
        *document["components"]["responses"].values(),
    ]:
        yield from holder.get("content", {}).values()


def test_it_is_valid() -> None:
    """The document keeps to OpenAPI 3.1, and a test generator can read every operation."""
    schema = schemathesis.openapi.from_dict(described())

    schema.validate()
    assert len([found.ok() for found in schema.get_all_operations()]) == len(entries())


def test_every_reference_leads_somewhere() -> None:
    """No $ref dangles, and everything that is shared is used."""
    whole = described()
    found = set(references(whole))

    for reference in found:
        node: Any = whole
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
    for kind in ("schemas", "responses"):
        assert {f"#/components/{kind}/{name}" for name in whole["components"][kind]} <= found


def test_schemas_are_schemas() -> None:
    """Every shared schema is one by JSON Schema 2020-12."""
    for schema in described()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_examples_fit_their_schemas() -> None:
    """Whatever is shown as an example would be accepted."""
    whole = described()
    shown = 0

    for kind in media(whole):
        validator = Draft202012Validator({**kind["schema"], "components": whole["components"]})
        for example in [kind[key] for key in ("example",) if key in kind] + [
            each["value"] for each in kind.get("examples", {}).values()
        ]:
            validator.validate(example)
            shown += 1

    assert shown > 10


def test_the_example_of_a_body_is_accepted(call: Caller) -> None:
    """What the documentation shows can be sent as it is."""
    path = "/v1/tenants/{tenant}/bookings"
    example = operation("post", path)["requestBody"]["content"]["application/json"]["example"]

    assert call("POST", path.replace("{tenant}", TENANT), example).status_code == 201


def test_problems_fit_their_schema(call: Caller) -> None:
    """Refusals look as the document says."""
    whole = described()
    validator = Draft202012Validator({"$ref": "#/components/schemas/Problem", "components": whole["components"]})

    for answer in (
        call("POST", f"/v1/tenants/{TENANT}/bookings", {}),
        call("GET", "/v1/own"),
        call("GET", "/v1/wrong"),
    ):
        validator.validate(answer.json_body)


def test_it_is_the_same_every_time() -> None:
    """The same routes give the same bytes, whatever order they were registered in."""
    app = sample_app()
    shuffled = Chalice("shuffled", configure_logs=False)
    for path in sorted(app.routes, reverse=True):
        shuffled.routes[path] = dict(sorted(app.routes[path].items(), reverse=True))

    assert json.dumps(document(shuffled)) == json.dumps(document(app))


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("post", "/v1/tenants/{tenant}/bookings", "201 400 403 404 409 413 415 422 429 500 503"),
        ("get", "/v1/search", "200 403 415 422 429 500 503"),
        ("get", "/v1/tenants/{tenant}/staff", "200 401 403 404 415 422 429 500 503"),
        ("put", "/v1/tenants/{tenant}/thing", "200 400 401 403 404 412 413 415 422 429 500 503"),
        ("get", "/v1/own", "200 403 410 415 422 429 500 503"),
        ("delete", "/v1/own", "204 403 410 415 422 429 500 503"),
        ("get", "/v1/kept", "200 304 403 415 422 429 500 503"),
        ("post", "/v1/hooks/mill/{reference}", "200 403 404 413 415 429 500 503"),
        ("get", "/v1/hooks/dam", "200 403 415 429 500 503"),
        ("get", "/docs", "200 304 403 415 429 500 503"),
    ],
)
def test_statuses_follow_from_the_declaration(method: str, path: str, statuses: str) -> None:
    """Declared errors and those that auth, path, body, query and headers bring along are all there; no others are."""
    assert " ".join(operation(method, path)["responses"]) == statuses


@pytest.mark.parametrize(
    ("method", "path", "security", "told"),
    [
        ("post", "/v1/tenants/{tenant}/bookings", [], "Anyone may call this: customers book without an account."),
        ("get", "/v1/tenants/{tenant}/staff", [{"staff": []}], "For staff with the role admin or expert."),
        ("put", "/v1/tenants/{tenant}/thing", [{"staff": []}], "For staff."),
        ("get", "/v1/own", [{"link": []}], "For whoever holds a link to see one's appointment."),
        (
            "post",
            "/v1/hooks/mill/{reference}",
            [{"provider-mill": []}],
            "For the provider mill, which proves itself in the header X-Mill-Signature.",
        ),
        ("get", "/v1/hooks/dam", [], "For the provider dam, which proves itself in the call itself."),
    ],
)
def test_who_may_call(method: str, path: str, security: list[object], told: str) -> None:
    """Auth shows up for machines (a scheme that exists) and for people (a sentence)."""
    found = operation(method, path)

    assert found["security"] == security
    assert found["description"].endswith(told)
    assert all(name in described()["components"]["securitySchemes"] for one in found["security"] for name in one)


def test_headers_are_described() -> None:
    """Idempotency-Key, If-Match, If-None-Match, ETag and Retry-After appear where they mean something."""
    parameters = {
        (path, one["$ref"].rpartition("/")[2])
        for path, item in described()["paths"].items()
        for found in item.values()
        for one in found["parameters"]
        if "$ref" in one and path.startswith("/v1")
    }
    shared = described()["components"]["responses"]

    assert parameters == {
        ("/v1/tenants/{tenant}/bookings", "Idempotency-Key"),
        ("/v1/tenants/{tenant}/thing", "If-Match"),
        ("/v1/kept", "If-None-Match"),
    }
    assert "ETag" in operation("get", "/v1/kept")["responses"]["304"]["headers"]
    assert "Retry-After" in shared["try-again"]["headers"]
    assert "Retry-After" in shared["too-many"]["headers"]
    assert "WWW-Authenticate" in shared["not-signed-in"]["headers"]


def test_parameters_are_described() -> None:
    """Path parameters carry their pattern, query parameters their kind and whether they are needed."""
    path = operation("post", "/v1/hooks/mill/{reference}")["parameters"]
    query = {one["name"]: one for one in operation("get", "/v1/search")["parameters"]}

    assert path == [
        {"name": "reference", "in": "path", "required": True, "schema": {"type": "string", "pattern": "[A-Za-z]{3}"}}
    ]
    assert {name: one["required"] for name, one in query.items()} == {
        "since": True,
        "seats": False,
        "only_free": False,
        "experts": False,
    }
    assert query["experts"]["schema"]["type"] == "array"


def test_it_is_served(call: Caller) -> None:
    """The document can be fetched, kept, and asked for again."""
    first = call("GET", "/openapi.json")
    again = call("GET", "/openapi.json", headers={"If-None-Match": first.headers["ETag"]})

    assert first.json_body == described()
    assert first.headers["Content-Type"] == "application/json"
    assert again.status_code == 304


def test_operation_ids_are_unique() -> None:
    """Generated clients get one function an operation."""
    ids = [one["operationId"] for item in described()["paths"].values() for one in item.values()]

    assert len(set(ids)) == len(ids)


def test_a_view_without_a_declaration_is_an_error() -> None:
    """A route that forgot @endpoint does not vanish from the document; it stops it."""
    app = Chalice("bare", configure_logs=False)
    app.route("/bare")(lambda: None)

    with pytest.raises(TypeError, match="GET /bare"):
        document(app)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"examples": [1], "type": "integer"}, 1),
        ({"enum": ["a", "b"]}, "a"),
        ({"const": 7}, 7),
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": "integer", "exclusiveMinimum": 5}, 6),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [True, True]),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, None),
        ({"$ref": "#/components/schemas/Flag"}, True),
        ({"type": "object"}, {}),
    ],
)
def test_samples(schema: dict[str, Any], value: object) -> None:
    """A sample comes from what is declared, and else from the kind."""
    assert sample(schema, {"Flag": {"type": "boolean"}}) == value


@pytest.mark.parametrize("schema", [{"type": "string", "pattern": "^x$"}, {"$ref": "#/components/schemas/Loop"}])
def test_what_can_not_be_invented(schema: dict[str, Any]) -> None:
    """No example is better than a wrong one."""
    with pytest.raises(NoSampleError):
        sample(schema, {"Loop": {"$ref": "#/components/schemas/Loop"}})


def test_the_document_tells_the_truth_about_a_good_call(call: Caller) -> None:
    """A real answer fits the schema that is published for it."""
    whole = described()
    answer = call("POST", f"/v1/tenants/{TENANT}/bookings", booking())
    schema = operation("post", "/v1/tenants/{tenant}/bookings")["responses"]["201"]["content"]["application/json"][
        "schema"
    ]

    Draft202012Validator({**schema, "components": whole["components"]}).validate(answer.json_body)
