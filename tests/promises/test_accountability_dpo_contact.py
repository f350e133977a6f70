"""accountability, `dpo-contact`: who is responsible, and who looks after data protection, by post and by mail.

Wherever it is needed; and without them nothing is deployed.
"""

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

import pytest

from chalicelib.domain.authorities import AUTHORITIES
from chalicelib.messages.notice_words import NOTICE_LANGUAGES
from infra.local import deploy as deploying
from infra.local.cloud import LocalCloud
from infra.local.errors import DeployError
from infra.local.paths import PACKAGE, PARAMETERS, ROOT
from infra.local.template import parameters
from infra.tools.package import package
from tests.deployed.people import Person
from tests.deployed.stack import Stack

pytestmark = [pytest.mark.deployed, pytest.mark.promise("dpo-contact")]

DEPLOYED = json.loads(PARAMETERS.read_text())
CONTROLLER = {
    "name": DEPLOYED["ControllerName"],
    "postal": DEPLOYED["ControllerPostal"],
    "mail": DEPLOYED["ControllerMail"],
}
OFFICER = {"name": DEPLOYED["DpoName"], "postal": DEPLOYED["DpoPostal"], "mail": DEPLOYED["DpoMail"]}
NEEDED = (
    "ControllerName",
    "ControllerPostal",
    "ControllerMail",
    "ControllerCountry",
    "DpoName",
    "DpoPostal",
    "DpoMail",
)


@pytest.fixture(scope="module")
def empty() -> Iterator[LocalCloud]:
    """A cloud to which nothing is deployed yet."""
    package(root=ROOT, stage="local", out=PACKAGE)
    cloud = LocalCloud().start(deployed=False)
    yield cloud
    cloud.stop()


@pytest.mark.parametrize("language", NOTICE_LANGUAGES)
def test_the_notices_name_them(stack: Stack, language: str) -> None:
    """The operator's both; a business's the business and, plainly as that of the processor, the officer."""
    owner = Person()
    given = owner.owner()
    tenant = stack.business(owner).tenant
    company = f"{given['company']}, {given['street']}, {given['postal_code']} {given['city']}, {given['country']}"

    for base, controller in (
        ("/notice", CONTROLLER),
        (f"/tenants/{tenant}/notice", {"name": given["company"], "postal": company, "mail": owner.email}),
    ):
        told = stack.client.ask("GET", f"{base}?language={language}", wanted=200)
        page = stack.cloud.call("GET", f"{base}?language={language}").text

        assert (told["controller"], told["officer"]) == (controller, OFFICER)
        assert controller["name"] in told["relation"]
        assert (DEPLOYED["OperatorName"] in told["relation"]) is (base != "/notice")
        for value in (*controller.values(), *OFFICER.values()):
            assert f"<p>{escape(value)}</p>" in page


def test_forms_can_name_them(stack: Stack) -> None:
    """One route gives both, and the authority in charge, to whoever builds a form."""
    told = stack.client.ask("GET", "/contact", wanted=200)

    assert (told["controller"], told["officer"]) == (CONTROLLER, OFFICER)
    assert told["operator"] == DEPLOYED["OperatorName"]
    assert told["supervisor"]["web"] == AUTHORITIES[told["country"]].web


@pytest.mark.parametrize("parameter", NEEDED)
def test_nothing_is_deployed_with_less(empty: LocalCloud, parameter: str) -> None:
    """Empty, or of spaces only; an address that is none; a country without an authority."""
    wrong = {"ControllerCountry": "XX", "ControllerMail": "at example.ch", "DpoMail": "@example.ch"}
    for value in ("", " ", wrong.get(parameter, "  ")):
        empty.parameters = {parameter: value}

        with pytest.raises(DeployError, match=f"'{parameter}' must match pattern"):
            empty.deploy()


@pytest.mark.parametrize("parameter", NEEDED)
def test_nothing_is_deployed_without_them(empty: LocalCloud, monkeypatch: pytest.MonkeyPatch, parameter: str) -> None:
    """There is no value that would do for everybody."""

    def all_but_one(*given: Any, **more: Any) -> list[dict[str, str]]:
        return [each for each in parameters(*given, **more) if each["ParameterKey"] != parameter]

    monkeypatch.setattr(deploying, "parameters", all_but_one)
    empty.parameters = {}

    with pytest.raises(DeployError, match=f"'{parameter}' has no Default and was not provided"):
        empty.deploy()


@pytest.mark.parametrize("parameter", NEEDED)
def test_no_function_starts_without_them(stack: Stack, parameter: str) -> None:
    """Should one be taken away after the deployment, nothing is said in nobody's name."""
    functions, name = stack.cloud.client("lambda"), stack.cloud.resources["APIHandler"]
    held = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    variable = re.sub(r"(?<!^)(?=[A-Z])", "_", parameter).upper()
    assert held[variable] == DEPLOYED[parameter]
    try:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": {**held, variable: ""}})
        assert stack.cloud.call("GET", "/v1/notice").status >= 500
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": held})
    assert stack.cloud.call("GET", "/v1/notice").status == 200
