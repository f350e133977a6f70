"""A failed deployment is one sentence with the first failure and its reason."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from infra.local.errors import DeployError
from infra.local.stack import first_failure, put_stack


class Formation:
    """CloudFormation that fails, or not; `events` with the newest first, as it lists them."""

    def __init__(self, *, status: str = "", refusal: str = "", fails: bool = False, events: Any = ()) -> None:
        self._status, self._refusal, self._fails, self._events = status, refusal, fails, list(events)
        self.done: list[str] = []

    def describe_stacks(self, **_: Any) -> Any:
        """The one stack, when there is one."""
        if not self._status:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "no such stack"}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": self._status}]}

    def create_stack(self, **_: Any) -> None:
        """Notes it down, or refuses."""
        self._do("create")

    def update_stack(self, **_: Any) -> None:
        """Notes it down, or refuses."""
        self._do("update")

    def _do(self, what: str) -> None:
        self.done.append(what)
        if self._refusal:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": self._refusal}}, what)

    def get_waiter(self, event: str) -> "Formation":
        """Itself."""
        self.done.append(event)
        return self

    def wait(self, **_: Any) -> None:
        """Waits for nothing."""
        if self._fails:
            raise WaiterError("stack", "failed", {})

    def describe_stack_events(self, **_: Any) -> Any:
        """The history."""
        return {"StackEvents": self._events}

    def describe_stack_resources(self, **_: Any) -> Any:
        """What was made."""
        return {"StackResources": [{"LogicalResourceId": "Wake", "PhysicalResourceId": "zusage-local-wake"}]}


def put(formation: Formation) -> dict[str, str]:
    """Deploys a stack named `s`."""
    return put_stack(lambda _: formation, name="s", template_url="http://x", parameters=[])


def an_event(resource: str, status: str, reason: str | None = None) -> dict[str, str]:
    """One line of a stack's history."""
    event = {"LogicalResourceId": resource, "ResourceType": "AWS::X", "ResourceStatus": status}
    return {**event, "ResourceStatusReason": reason} if reason else event


@pytest.mark.parametrize(
    ("status", "done"),
    [
        ("", ["create", "stack_create_complete"]),
        ("DELETE_COMPLETE", ["create", "stack_create_complete"]),
        ("CREATE_COMPLETE", ["update", "stack_update_complete"]),
    ],
)
def test_creates_or_updates(status: str, done: list[str]) -> None:
    """By what is there, and waits for the end."""
    formation = Formation(status=status)

    assert put(formation) == {"Wake": "zusage-local-wake"}
    assert formation.done == done


def test_nothing_to_change_is_fine() -> None:
    """CloudFormation calls it an error."""
    assert put(Formation(status="CREATE_COMPLETE", refusal="No updates are to be performed.")) != {}


@pytest.mark.parametrize("status", ["", "CREATE_COMPLETE"])
def test_a_refusal_is_told(status: str) -> None:
    """With CloudFormation's reason."""
    with pytest.raises(DeployError, match=r"^The stack s was refused: Template format error$"):
        put(Formation(status=status, refusal="Template format error"))


def test_the_first_failure_is_told() -> None:
    """What failed afterwards was only cancelled."""
    events = [
        an_event("s", "ROLLBACK_IN_PROGRESS", "failed"),
        an_event("Second", "CREATE_FAILED", "Resource creation cancelled"),
        an_event("First", "CREATE_FAILED", "Queue name is taken"),
        an_event("Zero", "CREATE_COMPLETE", "fine"),
    ]

    with pytest.raises(DeployError) as failed:
        put(Formation(fails=True, events=events))

    assert str(failed.value) == "The stack s was not deployed: First (AWS::X) failed: Queue name is taken"


def test_a_failure_without_a_reason_is_told_too() -> None:
    """Better than an empty line."""
    formation = Formation(events=[an_event("First", "CREATE_FAILED")])

    assert first_failure(formation, "s") == "The stack s was not deployed, and its events name no reason."
