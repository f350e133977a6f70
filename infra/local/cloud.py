"""The local cloud as `make run`, the demo, tests and benchmarks use it.

    with LocalCloud() as cloud:                        # free ports, nothing kept
        cloud.call("POST", "/v1/registrations", json={...})
        cloud.inbox.wait_for(1, to="anna@example.ch")
        cloud.move_time(days=365)
        cloud.invoke("Sweep")

Several can run at once. Each starts empty, and `stop` leaves no process and (unless `run` was given) no file behind.
"""

import json
import shutil
import tempfile
import uuid
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config

from infra.local import emulator, http_calls, moving_time, venvs
from infra.local.deploy import Target, deploy
from infra.local.errors import LocalCloudError
from infra.local.local_time import moved_clock
from infra.local.operator import OperatorAccount, first_account
from infra.local.paths import BUILD, PACKAGE
from infra.local.processes import LOOPBACK, Program, free_port
from infra.local.simulation import Simulation
from infra.local.template import HOST
from infra.local.unpacking import prune

_BUNDLES = BUILD / "bundles"
_KEPT_BUNDLES = 5
# The emulator lets this key do everything, whatever the time; it opens nothing else.
_ROOT_KEY = "test"


class LocalCloud:
    """One emulator with the deployed stack, and one set of simulated providers. Port 0 means any free one.

    `parameters` replace values of parameters.json, such as {"EmailProviders": "ses"} or {"ApiRate": "5000"}. The
    installation is opened as soon as it is deployed, unless `opened` is False. All schedules run, unless `schedules`
    names the functions whose schedules do: time that is moved makes all of them due, and whoever calls a function
    then meets it at work.
    """

    inbox: Simulation

    def __init__(
        self,
        *,
        port: int = 0,
        inbox_port: int = 0,
        run: Path | None = None,
        package: Path = PACKAGE,
        parameters: Mapping[str, str] | None = None,
        opened: bool = True,
        schedules: Collection[str] | None = None,
    ) -> None:
        self.port = port or free_port()
        self.package = package
        self.parameters = dict(parameters or {})
        self.resources: dict[str, str] = {}
        self.operator: OperatorAccount | None = None
        self._opened = opened
        self._schedules = schedules
        self._inbox_port = inbox_port
        self._given_run = run
        self._emulator: Program | None = None
        self._simulation: Simulation | None = None
        self._clients: dict[str, Any] = {}

    @property
    def endpoint_url(self) -> str:
        """The address of all AWS services."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def api_base(self) -> str:
        """The public address of the API, without a slash at its end. Browsers and curl resolve it; see `call`."""
        return f"http://{HOST}:{self.port}"

    @property
    def inbox_url(self) -> str:
        """The address of the inbox page."""
        return f"{self.inbox.url}/"

    def start(self, *, deployed: bool = True) -> Self:
        """Starts everything and deploys the package; whatever goes wrong or interrupts it, nothing is left running."""
        try:
            self._start_programs()
            if deployed:
                self.deploy()
        except BaseException:
            self.stop()
            raise
        return self

    def _start_programs(self) -> None:
        venvs.ensure()
        prune(_BUNDLES, keep=_KEPT_BUNDLES)
        self.run = self._empty_run_directory()
        self._offset_file = self.run / "offset"
        moving_time.write_offset(self._offset_file, 0)
        self._now = moved_clock(self._offset_file)
        self.inbox = self._simulation = Simulation(port=self._inbox_port, run=self.run, offset_file=self._offset_file)
        self._emulator = emulator.start(
            port=self.port,
            smtp_port=self.inbox.smtp_port,
            run=self.run,
            offset_file=self._offset_file,
            bundles=_BUNDLES,
        )
        emulator.wait_until_ready(self._emulator, self.port)

    def _empty_run_directory(self) -> Path:
        if self._given_run is None:
            return Path(tempfile.mkdtemp(prefix="zusage-local-cloud-"))
        shutil.rmtree(self._given_run, ignore_errors=True)
        self._given_run.mkdir(parents=True)
        return self._given_run

    def deploy(self, package: Path | None = None) -> None:
        """Deploys the package, or another one, to the running cloud. DeployError says what failed."""
        target = Target(self.client, self.endpoint_url, self.port, self.api_base, self.inbox.url)
        self.resources = deploy(target, package or self.package, self.parameters, schedules=self._schedules)
        topics = {"topic_arn": self.resources["MailEvents"]} if "MailEvents" in self.resources else {}
        self.inbox.configure(api_base=self.api_base, **topics)
        told = first_account(self.endpoint_url)
        if told is not None:
            self.operator = OperatorAccount(self.call, self.now, *told)
            if self._opened:
                self.operator.open_installation()

    @property
    def as_operator(self) -> dict[str, str]:
        """The header of somebody who works for the operator."""
        if self.operator is None:
            raise LocalCloudError("Nothing is deployed yet, so nobody operates it.")
        return self.operator.header

    def stop(self) -> None:
        """Ends all processes; may be called at any time and more than once."""
        running, self._emulator, self._simulation = (self._emulator, self._simulation), None, None
        for program in running:
            if program is not None:
                program.stop()
        if self._given_run is None and hasattr(self, "run"):
            shutil.rmtree(self.run, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def client(self, service: str) -> Any:
        """A boto3 client with all rights; one for each service, safe to share between threads."""
        if service not in self._clients:
            settings = Config(max_pool_connections=64, retries={"max_attempts": 1}, connect_timeout=5, read_timeout=60)
            make: Any = _session().client
            self._clients[service] = make(service, endpoint_url=self.endpoint_url, config=settings)
        return self._clients[service]

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 40,
    ) -> http_calls.HttpAnswer:
        """One request to the API, as the internet would send it."""
        host = f"{HOST}:{self.port}"
        return http_calls.call(
            self.port, method, path, host=host, json=json, body=body, headers=headers, timeout=timeout
        )

    def now(self) -> datetime:
        """What time it is in this cloud."""
        return self._now()

    @property
    def ahead(self) -> int:
        """By how many seconds its time was moved."""
        return moving_time.read_offset(self._offset_file)

    def move_time(self, *, to: datetime | None = None, **forward: float) -> datetime:
        """Moves the time to an instant, or by what timedelta takes (`days=365`), forward only; holds at once."""
        before = self.now()
        seconds = int(((to - before) if to else timedelta(**forward)).total_seconds())
        if seconds < 0:
            raise LocalCloudError("Time moves forward only: schedules of the emulator would stand still otherwise.")
        moving_time.write_offset(self._offset_file, moving_time.read_offset(self._offset_file) + seconds)
        return self.now()

    def invoke(self, function: str, event: Mapping[str, Any] | None = None) -> Any:
        """Runs a function by its logical id (`Sweep`) and returns its result; without an event, as its schedule would.

        LocalCloudError holds what the function raised.
        """
        payload = json.dumps(self._scheduled_event() if event is None else event)
        answer = self.client("lambda").invoke(FunctionName=self.resources[function], Payload=payload.encode())
        result = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise LocalCloudError(f"{function} failed: {result.get('errorMessage', result)}")
        return result

    def _scheduled_event(self) -> dict[str, Any]:
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "000000000000",
            "time": f"{self.now():%Y-%m-%dT%H:%M:%SZ}",
            "region": emulator.REGION,
            "resources": [],
            "detail": {},
        }

    def scan_raw(self, table: str, **wanted: str) -> Iterator[dict[str, Any]]:
        """Every item of `records`, `keys`, `ledger` or `transient` as it is stored, expired ones included.

        With `wanted`, only those whose attributes are these texts: reading all of a table costs most of a scan.
        """
        scan = self.client("dynamodb").get_paginator("scan")
        pages = scan.paginate(TableName=f"zusage-local-{table}", **_filter(wanted))
        for page in pages:
            yield from page["Items"]

    def logs(self) -> str:
        """All that the functions logged so far."""
        client, lines = self.client("logs"), []
        for groups in client.get_paginator("describe_log_groups").paginate():
            for group in groups["logGroups"]:
                pages = client.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
                lines += [event["message"] for page in pages for event in page["events"]]
        return "\n".join(lines)


@cache
def _session() -> boto3.session.Session:
    """One for all clouds of a process: it reads the descriptions of the services, which takes long."""
    return boto3.session.Session(_ROOT_KEY, _ROOT_KEY, region_name=emulator.REGION)


def _filter(wanted: Mapping[str, str]) -> dict[str, Any]:
    if not wanted:
        return {}
    return {
        "FilterExpression": " AND ".join(f"#{name} = :{name}" for name in wanted),
        "ExpressionAttributeNames": {f"#{name}": name for name in wanted},
        "ExpressionAttributeValues": {f":{name}": {"S": text} for name, text in wanted.items()},
    }
