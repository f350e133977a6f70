"""Deploys the packaged artefact to the local cloud, as an operator would to AWS, and does what the emulator leaves out.

Afterwards the secret holds insecure values for the simulated providers, what the emulator ignores of the
template is made up for, the sender may send, and the API has answered a first request: the emulator deploys a function
without code without complaint.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.errors import DeployError
from infra.local.http_calls import HttpAnswer, call
from infra.local.left_out import make_up_for
from infra.local.paths import PARAMETERS, SECRETS
from infra.local.stack import Clients, put_stack
from infra.local.template import HOST, local_template, parameters

STACK = "zusage-local"
_BUCKET = "zusage-local-deployments"
_HEALTH = "/v1/health"


@dataclass(frozen=True)
class Target:
    """Where to deploy to: clients of the emulator, its address and port, and the simulator's address."""

    clients: Clients
    endpoint_url: str
    port: int
    api_base: str
    simulator_url: str


def deploy(
    target: Target, package: Path, chosen: Mapping[str, str], *, schedules: Collection[str] | None = None
) -> dict[str, str]:
    """Deploys what stands in `package` with our parameters and those `chosen`; DeployError says what failed.

    Of the functions with a schedule those of `schedules` run by themselves; all when None. Returns physical ids by
    logical id.
    """
    packaged = _read_package(package)
    key = _upload(target.clients, (package / "deployment.zip").read_bytes(), ending="zip")
    template = local_template(packaged, bucket=_BUCKET, key=key, schedules=schedules)
    template_key = _upload(target.clients, json.dumps(template, separators=(",", ":")).encode(), ending="json")
    wanted = {**json.loads(PARAMETERS.read_text()), **chosen}
    resources = put_stack(
        target.clients,
        name=STACK,
        template_url=f"{target.endpoint_url}/{_BUCKET}/{template_key}",
        parameters=parameters(template, wanted, api=target.api_base, simulator=target.simulator_url),
    )
    make_up_for(target.clients, template, resources)
    _fill_secret(target.clients, resources)
    _allow_sender(target.clients, wanted)
    _first_request(target)
    return resources


def _read_package(package: Path) -> dict[str, Any]:
    for name in ("sam.json", "deployment.zip"):
        if not (package / name).exists():
            raise DeployError(
                f"{package / name} is missing: run python -m infra.tools.package --stage local --out {package} first."
            )
    template: dict[str, Any] = json.loads((package / "sam.json").read_text())
    return template


def _upload(clients: Clients, content: bytes, *, ending: str) -> str:
    key = f"{hashlib.sha256(content).hexdigest()}.{ending}"
    storage = clients("s3")
    if _BUCKET not in [bucket["Name"] for bucket in storage.list_buckets()["Buckets"]]:
        region = storage.meta.region_name
        storage.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": region})
    storage.put_object(Bucket=_BUCKET, Key=key, Body=content)
    return key


def _fill_secret(clients: Clients, resources: dict[str, str]) -> None:
    if "ProvidersSecret" in resources:
        clients("secretsmanager").put_secret_value(
            SecretId=resources["ProvidersSecret"], SecretString=SECRETS.read_text()
        )


def _allow_sender(clients: Clients, wanted: dict[str, str]) -> None:
    mail = clients("ses")
    mail.verify_email_identity(EmailAddress=wanted["MailSender"])
    mail.verify_domain_identity(Domain=wanted["MailSender"].partition("@")[2])


def _first_request(target: Target) -> None:
    answer = call(target.port, "GET", _HEALTH, host=f"{HOST}:{target.port}")
    if answer.status != 200 or b"no code deployed" in answer.body:
        raise DeployError(f"GET {_HEALTH} answered {_described(answer)}: see the log of APIHandler in cloud.log.")


def _described(answer: HttpAnswer) -> str:
    return f"{answer.status} {' '.join(answer.text.split())[:200]}"
