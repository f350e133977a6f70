"""Whatever is sent that fits /openapi.json, or almost fits, the answer is one that the document tells of, and no 5xx.

Requests are made up from the document of the deployed stack, by visitors and with a staff session. Answers that the
gateway gives by itself, before anything of ours runs, are left to tests/deployed.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from infra.local.client import Business
from infra.local.cloud import LocalCloud
from infra.local.template import HOST
from tests.deployed.people import Person
from tests.deployed.stack import Stack, written

pytestmark = pytest.mark.deployed

EXAMPLES = {GenerationMode.POSITIVE: 5, GenerationMode.NEGATIVE: 3}
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDING = {
    ("delete", "/v1/session"),
    ("post", "/v1/staff/me/sessions/ending"),
    ("post", "/v1/staff/me/sessions/{session}/ending"),
    ("put", "/v1/tenant/second-factor"),
    ("post", "/v1/tenant/cancellation"),
    ("post", "/v1/staff/{staff}/deletion"),
    ("put", "/v1/staff/{staff}/roles"),
}
"""What would end the session, or the business, of all the others."""
OURS = "zusage-request-id"


@pytest.fixture(scope="module")
def practice(cloud: LocalCloud) -> Business:
    """Somebody to book with."""
    return Stack(cloud).business(horizon_days=30)


@pytest.fixture
def connection() -> Iterator[requests.Session]:
    """One connection for all requests."""
    with requests.Session() as session:
        yield session


def document(cloud: LocalCloud) -> dict[str, Any]:
    """The document as it is served."""
    served: dict[str, Any] = cloud.call("GET", "/openapi.json").json()
    return served


def operations(cloud: LocalCloud) -> list[Any]:
    """All operations but those that end what the others need."""
    schema = schemathesis.openapi.from_dict(document(cloud))
    schema.config.update(base_url=f"http://127.0.0.1:{cloud.port}")
    every: list[Any] = list(schema.get_all_operations())
    found = [each.ok() for each in every]
    return [each for each in found if (each.method, each.path) not in ENDING]


class Answers:
    """What came of requests that were made up for one operation after the other."""

    def __init__(self, connection: requests.Session, *headers: dict[str, str]) -> None:
        self._connection = connection
        self._headers = headers
        self.statuses: Counter[int] = Counter()
        self.failed: dict[str, str] = {}

    def to(self, operation: Any, mode: GenerationMode, changed: Callable[[Any], None] = lambda case: None) -> None:
        """Calls an operation a few times, as each of the callers, and notes which check failed."""

        @seed(0)
        @settings(
            max_examples=EXAMPLES[mode],
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: Any) -> None:
            changed(case)
            for headers in self._headers:
                self._check(case, headers)

        try:
            run()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE  # there is nothing in it that could be spoiled
        except Exception as failure:  # noqa: BLE001 - all operations are tried, and all failures told
            told = getattr(failure, "exceptions", [failure])
            self.failed[f"{operation.method} {operation.path}"] = "\n".join(map(str, told))

    def _check(self, case: Any, headers: dict[str, str]) -> None:
        answer = case.call(session=self._connection, headers=headers)
        if OURS in answer.headers:
            self.statuses[answer.status_code] += 1
            case.validate_response(answer, checks=CHECKS, headers=headers)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_one_that_is_documented(
    cloud: LocalCloud, practice: Business, connection: requests.Session, mode: GenerationMode
) -> None:
    """Status, type, headers and content, for every operation, with a staff session and without."""
    host = {"Host": f"{HOST}:{cloud.port}"}
    answers = Answers(connection, host, {**host, **practice.signed_in})
    every = operations(cloud)

    for operation in every:
        answers.to(operation, mode)

    assert answers.failed == {}
    assert len(every) >= 30
    assert {200, 401, 403, 404, 422} <= set(answers.statuses)


def test_requests_that_name_what_exists_are_documented_too(
    cloud: LocalCloud, practice: Business, connection: requests.Session
) -> None:
    """Made-up ids lead to 404 only: here the ids are right, and all else is made up."""
    stack, now = Stack(cloud), cloud.now()
    links = stack.book(practice, Person())["links"]
    known = {"tenant": practice.tenant, "service": practice.service, "staff": practice.expert}
    times = {"expert": practice.expert, "from": written(now), "to": written(now + timedelta(days=30))}
    host = {"Host": f"{HOST}:{cloud.port}"}
    answers = Answers(connection, {**host, **practice.signed_in, "Zusage-Link": links["reschedule"]})

    def right(case: Any) -> None:
        case.path_parameters = {name: known.get(name, value) for name, value in (case.path_parameters or {}).items()}
        case.query = {name: times.get(name, value) for name, value in (case.query or {}).items()}
        ids = {"service": practice.service, "expert": practice.expert, "experts": [practice.expert]}
        if isinstance(case.body, dict):
            case.body = {name: ids.get(name, value) for name, value in case.body.items()}
        if case.path.endswith("/appointments") and case.method == "POST":
            case.headers = {**(case.headers or {}), **stack.client.booking_form(practice)}

    for operation in operations(cloud):
        answers.to(operation, GenerationMode.POSITIVE, right)

    assert answers.failed == {}
    assert {200, 201, 422} <= set(answers.statuses)
