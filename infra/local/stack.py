"""Creates or updates a CloudFormation stack and says in one sentence what went wrong."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from infra.local.errors import DeployError

Clients = Callable[[str], Any]
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


def put_stack(clients: Clients, *, name: str, template_url: str, parameters: list[dict[str, str]]) -> dict[str, str]:
    """Deploys and waits; returns the physical id of every resource by its logical id."""
    formation = clients("cloudformation")
    arguments = {
        "StackName": name,
        "TemplateURL": template_url,
        "Parameters": parameters,
        "Capabilities": _CAPABILITIES,
    }
    try:
        if _exists(formation, name):
            _update(formation, arguments)
        else:
            formation.create_stack(**arguments)
            _wait(formation, "stack_create_complete", name)
    except ClientError as refused:
        raise DeployError(f"The stack {name} was refused: {refused.response['Error']['Message']}") from None
    resources = formation.describe_stack_resources(StackName=name)["StackResources"]
    return {resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "") for resource in resources}


def _exists(formation: Any, name: str) -> bool:
    try:
        stacks = formation.describe_stacks(StackName=name)["Stacks"]
    except ClientError:
        return False
    return any(stack["StackStatus"] != "DELETE_COMPLETE" for stack in stacks)


def _update(formation: Any, arguments: dict[str, Any]) -> None:
    try:
        formation.update_stack(**arguments)
    except ClientError as refused:
        if "No updates are to be performed" in refused.response["Error"]["Message"]:
            return
        raise
    _wait(formation, "stack_update_complete", arguments["StackName"])


def _wait(formation: Any, event: str, name: str) -> None:
    try:
        formation.get_waiter(event).wait(StackName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})
    except WaiterError:
        raise DeployError(first_failure(formation, name)) from None


def first_failure(formation: Any, name: str) -> str:
    """The sentence about the resource that failed first; what failed after it was only cancelled."""
    events = formation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in reversed(events) if event["ResourceStatus"].endswith("_FAILED")]
    named = [event for event in failed if event.get("ResourceStatusReason")]
    if not named:
        return f"The stack {name} was not deployed, and its events name no reason."
    event = named[0]
    return (
        f"The stack {name} was not deployed: {event['LogicalResourceId']} ({event.get('ResourceType', 'a resource')}) "
        f"failed: {event['ResourceStatusReason']}"
    )
