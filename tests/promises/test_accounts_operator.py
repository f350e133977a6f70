"""accounts, `default-password-change`: a new installation does nothing until its first password was replaced.

One story: what stands first happens first.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.passwords import spell
from infra.local.cloud import LocalCloud
from infra.local.http_calls import HttpAnswer
from infra.local.operator import OperatorAccount
from infra.local.paths import ROOT
from tests.deployed.clouds import driven_cloud

pytestmark = [pytest.mark.deployed, pytest.mark.promise("default-password-change")]

ID = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b"
BYTES = {"PUT /v1/staff/me/photo": "image/png", "POST /v1/customer-imports": "application/octet-stream"}
LEADS_THERE = {
    "GET /v1/health",
    "GET /first-password",
    "GET /assets/{name}",
    "GET /v1/password-blocklist",
    "POST /v1/sign-in/parameters",
    "POST /v1/operator/first-password",
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """One of its own, as its deployment leaves it."""
    with driven_cloud(opened=False) as started:
        yield started


@pytest.fixture(scope="module")
def account(cloud: LocalCloud) -> OperatorAccount:
    """The first one, with the password that the deployment printed."""
    assert cloud.operator is not None
    return cloud.operator


def closed(answer: HttpAnswer) -> bool:
    """Whether an answer says that the first password has to be replaced, and where."""
    if answer.status != 403 or answer.headers["content-type"] != "application/problem+json":
        return False
    told = answer.json()
    return told["type"] == "urn:zusage:problem:setup-required" and "/first-password" in told["detail"]


def change(cloud: LocalCloud, at: int, **given: Any) -> HttpAnswer:
    """A change of the first password from one network address."""
    path = "/v1/operator/first-password"
    return cloud.call("POST", path, json=given, headers={"X-Forwarded-For": f"198.51.100.{at}"})


def routes(cloud: LocalCloud) -> list[tuple[str, str]]:
    """Every method and path that the gateway knows."""
    client = cloud.client("apigateway")
    found = client.get_resources(restApiId=cloud.resources["RestAPI"], limit=500)["items"]
    return [
        (method, each["path"]) for each in found for method in each.get("resourceMethods", {}) if method != "OPTIONS"
    ]


def test_every_route_is_closed_but_those_that_lead_to_the_change(cloud: LocalCloud) -> None:
    """Whoever asks for whatever is told why nothing happens."""
    known = routes(cloud)
    assert len(known) > 60
    opened = set()
    for method, path in known:
        asked = re.sub(r"\{\w+\}", ID, path.replace("{name}", "page.css"))
        kind = BYTES.get(f"{method} {path}", "application/json")
        headers = {"Content-Type": kind, "Authorization": "Bearer zs_x"}
        answer = cloud.call(method, asked, body=b"{}", headers=headers)
        if not closed(answer):
            opened.add(f"{method} {path}")

    assert opened == LEADS_THERE


def test_nothing_is_stored_by_whoever_tries(cloud: LocalCloud) -> None:
    """No business, no session, no message."""
    kinds = {item["kind"]["S"] for table in ("records", "transient") for item in cloud.scan_raw(table)}

    assert kinds <= {"Installation", "Tenant", "Team", "Staff", "StaffAddress", "Credentials", "AddressKey"} | {
        "AddressAttempts"
    }
    assert cloud.inbox.messages() == []


def test_the_password_lies_nowhere(cloud: LocalCloud, account: OperatorAccount) -> None:
    """Neither in a table, a secret, the environment of a function, nor in a log; it was printed once."""
    functions = cloud.client("lambda").list_functions()["Functions"]
    secrets = cloud.client("secretsmanager")
    held = [secrets.get_secret_value(SecretId=each["ARN"]) for each in secrets.list_secrets()["SecretList"]]
    tables = [item for table in ("records", "keys", "ledger", "transient") for item in cloud.scan_raw(table)]

    everything = json.dumps([functions, held, tables, cloud.logs()], default=str)
    assert "RECORDS_TABLE" in everything
    for secret in (account.password, account.password.replace("-", ""), account.proof(account.password)):
        assert secret not in everything


def test_a_second_run_of_the_last_step_prints_no_password(cloud: LocalCloud, account: OperatorAccount) -> None:
    """And makes no second account."""
    command = [sys.executable, "-m", "infra.tools.first_operator", "--stage", "local"]
    done = subprocess.run(
        [*command, "--endpoint-url", cloud.endpoint_url], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "made before" in done.stdout
    assert "password:" not in done.stdout
    assert [item["kind"]["S"] for item in cloud.scan_raw("records")].count("Staff") == 1


def test_a_wrong_change_opens_nothing(cloud: LocalCloud, account: OperatorAccount) -> None:
    """With a wrong password, another address, the same password again, or in the clear."""
    right, other = account.proof(account.password), spell(b"n" * 32)
    for at, given, status in (
        (1, {"email": account.address, "proof": other, "new_proof": spell(b"m" * 32)}, 401),
        (2, {"email": "jemand@example.ch", "proof": right, "new_proof": other}, 401),
        (3, {"email": account.address, "proof": right, "new_proof": right}, 401),
        (4, {"email": account.address, "password": account.password, "new_password": "correct horse battery"}, 422),
    ):
        assert change(cloud, at, **given).status == status
        assert closed(cloud.call("GET", "/v1/notice"))


def test_guessing_is_slow(cloud: LocalCloud, account: OperatorAccount) -> None:
    """The fourth attempt from an address within five minutes is not even looked at, right as it may be."""
    wrong = {"email": account.address, "proof": spell(b"w" * 32), "new_proof": spell(b"n" * 32)}
    right = {**wrong, "proof": account.proof(account.password)}

    answers = [change(cloud, 9, **given) for given in (wrong, wrong, wrong, right)]

    assert [each.status for each in answers] == [401, 401, 401, 429]
    assert 0 < int(answers[3].headers["retry-after"]) <= 300
    assert closed(cloud.call("GET", "/v1/notice"))


def test_with_the_change_everything_opens_and_the_first_password_is_worth_nothing(
    cloud: LocalCloud, account: OperatorAccount
) -> None:
    """It works once, and the new one signs in."""
    first = account.password
    account.open_installation()

    assert account.password != first
    assert cloud.call("GET", "/v1/notice").status == 200
    assert cloud.call("GET", "/v1/operator/promises", headers=account.header).status == 200
    given = {"email": account.address, "proof": account.proof(first), "new_proof": spell(b"z" * 32)}
    assert change(cloud, 20, **given).status == 409
    form = {"Zusage-Form": cloud.call("GET", "/v1/forms/sign-in").json()["token"], "X-Forwarded-For": "198.51.100.21"}
    sent = {"email": account.address, "proof": given["proof"], "portal": "operator", "keep": "token"}
    assert cloud.call("POST", "/v1/sign-in", json=sent, headers=form).status == 401


def test_a_new_deployment_leaves_it_open(cloud: LocalCloud, account: OperatorAccount) -> None:
    """And makes no new account."""
    cloud.deploy()

    assert cloud.operator is account
    assert cloud.call("GET", "/v1/notice").status == 200
    assert cloud.call("GET", "/v1/operator/promises", headers=account.header).status == 200
