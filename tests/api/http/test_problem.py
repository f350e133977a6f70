"""Problems: one shape for every refusal, and nothing personal in them."""

import json
import uuid
from collections.abc import Iterator

import pytest

from chalicelib.domain import errors
from tests.api.sample_app import SECRET, TENANT, Caller, booking, serving

BOOKINGS = f"/v1/tenants/{TENANT}/bookings"


@pytest.fixture
def call() -> Iterator[Caller]:
    with serving() as caller:
        yield caller


def test_the_shape(call: Caller) -> None:
    """A refusal names its kind, says how to mend it, and carries the id of the request."""
    answer = call("POST", BOOKINGS, booking(note="taken"))

    problem = answer.json_body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem.pop("instance") == f"urn:uuid:{answer.headers['Zusage-Request-Id']}"
    assert problem == {
        "type": "urn:zusage:problem:slot-taken",
        "title": "This time is not available",
        "status": 409,
        "detail": "Choose another time.",
    }


def test_an_error_that_names_a_field(call: Caller) -> None:
    """The field of an error from below shows up where the caller looks for fields."""
    problem = call("POST", BOOKINGS, booking(note="field")).json_body

    assert problem["status"] == 422
    assert problem["errors"] == [
        {"field": "customer.phone", "problem": "is not acceptable", "remedy": "Use a mobile number."}
    ]


def test_busy(call: Caller) -> None:
    """What may work later says when."""
    answer = call("POST", BOOKINGS, booking(note="busy"))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")


def test_an_error_without_a_remedy(call: Caller) -> None:
    """A problem without a remedy has no empty detail."""
    assert "detail" not in call("GET", "/v1/nothing").json_body


def test_a_bug_tells_nothing(call: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    """An unforeseen error: 500 and an id to the caller, class and lines of code to the log, its text to nobody."""
    answer = call("POST", BOOKINGS, booking(note="bug"))

    logged = capsys.readouterr()
    entry = next(json.loads(line) for line in logged.out.splitlines() if '"unhandled"' in line)
    assert answer.status_code == 500
    assert answer.json_body["type"] == "urn:zusage:problem:internal"
    assert entry["error"] == "RuntimeError"
    assert entry["request_id"] in answer.json_body["instance"]
    assert any("book" in frame for frame in entry["frames"])
    assert SECRET not in answer.body.decode() + logged.out + logged.err


def test_what_was_sent_is_never_repeated(call: Caller) -> None:
    """Neither values nor names that could be values come back, however wrong they are."""
    body = booking(starts_at=SECRET, language=SECRET, customer={"name": SECRET + "\n", SECRET: SECRET})
    body[SECRET] = SECRET

    answer = call("POST", BOOKINGS, body)

    assert answer.status_code == 422
    assert SECRET not in answer.body.decode()
    assert "(unreadable name)" in answer.body.decode()


def test_nor_is_it_logged(call: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    """The log line of a request holds neither path values, nor query, nor body, nor address."""
    call("POST", f"{BOOKINGS}?q={SECRET}", booking(customer={"name": SECRET}), headers={"Idempotency-Key": SECRET})

    logged = capsys.readouterr().out
    line = next(json.loads(each) for each in logged.splitlines() if '"request"' in each)
    assert line["route"] == "POST /v1/tenants/{tenant}/bookings"
    assert (line["status"], line["problem"]) == (422, "invalid-input")
    assert not any(value in logged for value in (SECRET, TENANT, "127.0.0"))


def test_the_number_of_findings_is_bounded(call: Caller) -> None:
    """A body with a hundred wrong fields gets twenty sentences."""
    answer = call("POST", BOOKINGS, booking(**{f"x{number}": 1 for number in range(60)}))

    assert len(answer.json_body["errors"]) == 20


def test_the_wrong_method(call: Caller) -> None:
    """Chalice's own refusal has our shape and keeps the methods that are allowed."""
    answer = call("DELETE", BOOKINGS)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert answer.json_body["type"] == "urn:zusage:problem:wrong-method"


def test_instances_differ(call: Caller) -> None:
    """Each request has an id of its own."""
    ids = {call("GET", "/v1/nothing").json_body["instance"] for _ in range(3)}

    assert len({uuid.UUID(each.removeprefix("urn:uuid:")) for each in ids}) == 3


def _all(base: type[errors.ZusageError]) -> list[type[errors.ZusageError]]:
    return [found for each in base.__subclasses__() for found in (each, *_all(each))]


@pytest.mark.parametrize("base", [errors.CallerError, errors.TryAgainError])
def test_slugs_mean_one_thing(base: type[errors.ZusageError]) -> None:
    """A slug stands for one status, whatever class it comes from."""
    found: dict[str, set[int]] = {}
    for error in _all(base):
        found.setdefault(error.slug, set()).add(error.status)

    assert all(len(statuses) == 1 for statuses in found.values())
    assert not [slug for slug in found if not slug.replace("-", "").isalpha()]
