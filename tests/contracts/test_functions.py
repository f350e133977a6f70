"""app.py, .chalice/config.json, the policy files and the packaged template name the same functions."""

import json

import pytest
from chalice.cli.factory import CLIFactory
from chalice.deploy.validate import validate_configuration

from chalicelib.records.ledger_day import CLOSING_DELAY
from infra.tools.fragments import camel, logical_id
from tests.contracts.entry_points import (
    ROOT,
    STAGES,
    configured,
    declared,
    function_properties,
    resources,
    template,
)

CONFIG = json.loads((ROOT / ".chalice" / "config.json").read_text())


def test_the_functions_are_those_of_the_design() -> None:
    """Whoever adds a way to start code has to say so here, too."""
    assert set(declared()) == {
        "api_handler",
        "announce",
        "audit",
        "relay",
        "dispatch",
        "wake",
        "sweep",
        "tally",
        "close",
        "restamp",
        "lapse",
        "sync",
        "settle",
        "upkeep",
    }


def test_every_function_has_an_entry_and_every_entry_a_function() -> None:
    """A function without an entry would get no policy of its own; an entry without a function is a leftover."""
    assert set(configured()) == set(declared())


def test_every_function_has_a_policy_file_and_every_file_a_function() -> None:
    """The file's name says whose it is, so nobody gets another's rights by a slip."""
    files = {path.name for path in (ROOT / ".chalice").glob("policy-*.json")}
    named = {name: entry["iam_policy_file"] for name, entry in CONFIG["lambda_functions"].items()}

    assert named == {name: f"policy-{name}.json" for name in declared()}
    assert files == set(named.values())


def test_every_handler_is_reached_through_app() -> None:
    """A handler in a blueprint would run without app.py, so without its middleware."""
    assert {handler.partition(".")[0] for handler in declared().values()} == {"app"}


@pytest.mark.parametrize("stage", STAGES)
def test_chalice_accepts_the_configuration(stage: str) -> None:
    """`chalice package` does not check it: two handlers of one name would leave one out without a word."""
    config = CLIFactory(str(ROOT)).create_config_obj(chalice_stage_name=stage)

    validate_configuration(config)

    assert config.chalice_stage == stage
    assert config.autogen_policy is False


def test_both_stages_exist_and_change_nothing_but_parameters() -> None:
    """What is tested locally is what is deployed."""
    local, prod = (json.dumps(template(stage), sort_keys=True) for stage in STAGES)

    assert set(CONFIG["stages"]) == set(STAGES)
    assert local.replace("stage=local", "stage=prod").replace('"local"', '"prod"') == prod


def test_the_packaged_functions_are_the_declared_ones() -> None:
    """Nothing is dropped between app.py and the template."""
    assert set(resources("AWS::Serverless::Function")) == {logical_id(name) for name in declared()}
    assert {name: function_properties(name)["Handler"] for name in declared()} == declared()


def test_each_function_has_a_role_of_its_own() -> None:
    """No function can do what another may."""
    roles = {name: function_properties(name)["Role"]["Fn::GetAtt"][0] for name in declared()}

    assert roles == {name: f"{camel(name)}Role" for name in declared()}


def test_each_function_runs_on_the_pinned_platform() -> None:
    """The wheels in the bundle fit this interpreter and this architecture only."""
    platforms = {(one["Runtime"], *one["Architectures"]) for one in resources("AWS::Serverless::Function").values()}

    assert platforms == {("python3.11", "x86_64")}


def test_time_limits_fit_what_calls_the_functions() -> None:
    """A caller that gives up first would start the work a second time."""
    limits = {name: entry["lambda_timeout"] for name, entry in CONFIG["lambda_functions"].items()}
    visibility = resources("AWS::SQS::Queue")["DispatchQueue"]["VisibilityTimeout"]

    assert limits["api_handler"] < 29
    assert limits["dispatch"] < visibility == 120
    assert limits["wake"] < 60
    assert limits["upkeep"] < 60
    assert limits["sweep"] < 15 * 60
    assert limits["restamp"] < 15 * 60
    assert max(limits.values()) < CLOSING_DELAY.total_seconds()
