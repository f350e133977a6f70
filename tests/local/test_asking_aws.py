"""The operator's commands say in one sentence why they could not do their work, and end with a number of their own."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from pynamodb.exceptions import QueryError

from chalicelib.domain.errors import TryAgainError
from chalicelib.settings import SettingsError
from infra.tools import first_operator, verify_ledger
from infra.tools.asking_aws import NOT_DONE, told

DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "GetCallerIdentity")
COMMANDS = {"first_operator": (first_operator, "deployed"), "verify_ledger": (verify_ledger, "verify")}


def failing(error: Exception) -> Callable[..., Any]:
    """Work that ends so."""

    def work(**_: Any) -> Any:
        raise error

    return work


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
        NoCredentialsError(),
        DENIED,
        QueryError("Failed to query items", DENIED),
        SettingsError("STAGE is not set"),
        TryAgainError(),
    ],
    ids=["unreachable", "no-credentials", "denied", "table-denied", "settings", "busy"],
)
def test_what_aws_refuses_is_one_sentence(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback: whoever deploys has to mend it, and the program is not what is wrong."""
    assert told(failing(error)) == NOT_DONE

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("not done: ")
    assert printed.err.count("\n") == 1


def test_what_is_a_bug_is_not_hidden() -> None:
    """It comes with where it happened."""
    with pytest.raises(KeyError):
        told(failing(KeyError("x")))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_tell_it(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 and 2 mean something else to whoever runs them by a schedule."""
    module, asks = COMMANDS[command]
    monkeypatch.setattr(module, asks, failing(DENIED))

    assert _main(module, "--stage", "prod") == NOT_DONE
    assert "AccessDenied" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("wrong", ["nonsense", "127.0.0.1:4599", "ftp://127.0.0.1"])
def test_an_address_that_is_none_is_refused(command: str, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is asked."""
    with pytest.raises(SystemExit):
        _main(COMMANDS[command][0], "--stage", "local", "--endpoint-url", wrong)

    assert "as http://127.0.0.1:4599" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("more", "region"), [((), "eu-central-2"), (("--region", "eu-central-1"), "eu-central-1")], ids=["usual", "other"]
)
def test_an_installation_in_the_other_region_is_found(
    command: str, more: tuple[str, ...], region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both regions are promised, so both can be opened and verified: every client is one of that region."""
    asked: list[str] = []

    def client(_: str, *, region_name: str) -> Any:
        asked.append(region_name)
        raise NoCredentialsError

    module, _ = COMMANDS[command]
    monkeypatch.setattr(module.boto3, "client", client)

    assert _main(module, "--stage", "prod", *more) == NOT_DONE
    assert asked == [region]


def _main(module: ModuleType, *arguments: str) -> int:
    ended: int = module.main(list(arguments))
    return ended
