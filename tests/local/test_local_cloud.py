"""The local cloud as a whole: it deploys the real artefact, moves its time, keeps to itself and leaves nothing."""

import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from infra.local.cloud import LocalCloud
from infra.local.errors import DeployError, LocalCloudError
from infra.local.paths import PACKAGE, ROOT
from infra.tools.package import package
from tests.local.simulator_builders import a_mail
from tests.local.test_processes import is_running, soon

pytestmark = pytest.mark.deployed

LOOKING_AROUND = """
import datetime, importlib.util, os
def handler(event, context):
    return {
        "now": datetime.datetime.now(datetime.UTC).isoformat(),
        "found": [name for name in event if importlib.util.find_spec(name)],
        "environment": sorted(os.environ),
    }
"""


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A running local cloud with the product in it and one function more."""
    with LocalCloud(package=package(root=ROOT, stage="local", out=PACKAGE)) as running:
        add_function(running, "Looking", LOOKING_AROUND)
        yield running


def add_function(cloud: LocalCloud, name: str, code: str) -> None:
    """Adds a function without rights."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as file:
        file.writestr("looking.py", code)
    cloud.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Handler="looking.handler",
        Role=role,
        Code={"ZipFile": bundle.getvalue()},
    )
    cloud.resources[name] = name


def pids(cloud: LocalCloud) -> list[int]:
    """The ids of its processes and of all their children."""
    leaders = [program.pid for program in (cloud._emulator, cloud.inbox._program) if program]
    groups = {str(leader) for leader in leaders}
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[2] in groups:
            found.append(int(stat.parent.name))
    return found


def test_the_product_answers_at_its_stable_address(cloud: LocalCloud) -> None:
    """Without a stage in the path."""
    answer = cloud.call("GET", "/v1/health")

    assert answer.status == 200
    assert cloud.api_base == f"http://app.localhost:{cloud.port}"


def test_what_the_emulator_ignores_is_done(cloud: LocalCloud) -> None:
    """Tables expire, the secret is filled in, the sender may send."""
    expiry = cloud.client("dynamodb").describe_time_to_live(TableName="zusage-local-records")
    secret = cloud.client("secretsmanager").get_secret_value(SecretId="zusage-local-providers")

    assert expiry["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    assert json.loads(secret["SecretString"])["smsapi_token"] == "insecure-local-smsapi-token"
    assert "mail.example.ch" in cloud.client("ses").list_identities()["Identities"]


def test_functions_see_a_bare_machine(cloud: LocalCloud) -> None:
    """Neither the emulator's packages, nor the checkout, nor our environment; boto3 as on AWS."""
    seen = cloud.invoke("Looking", ["boto3", "ministack", "cryptography", "pydantic", "chalicelib", "infra"])

    assert seen["found"] == ["boto3"]
    assert "VIRTUAL_ENV" not in seen["environment"]
    assert "PYTHONPATH" not in seen["environment"]


def test_time_moves_for_everyone_forward_only(cloud: LocalCloud) -> None:
    """Our clock, the emulator's and the functions' agree; stepping back is refused."""
    cloud.invoke("Looking", [])
    before = cloud.now()

    moved = cloud.move_time(days=400)
    function = datetime.fromisoformat(cloud.invoke("Looking", [])["now"])
    emulator = parsedate_to_datetime(cloud.call("GET", "/v1/health").headers["date"])

    assert moved - before >= timedelta(days=400)
    assert abs(function - moved) < timedelta(seconds=30)
    assert abs(emulator - moved) < timedelta(seconds=30)
    with pytest.raises(LocalCloudError, match="forward only"):
        cloud.move_time(to=before)


def test_time_moves_to_an_instant(cloud: LocalCloud) -> None:
    """To the second."""
    target = cloud.now() + timedelta(days=3)

    moved = cloud.move_time(to=target)

    assert timedelta(seconds=-1) <= moved - target < timedelta(seconds=30)


def test_schedules_run_on_demand(cloud: LocalCloud) -> None:
    """With the event that the schedule would send; what a function raises is told."""
    assert isinstance(cloud.invoke("Wake"), dict)

    with pytest.raises(LocalCloudError, match=r"^Wake failed: "):
        cloud.invoke("Wake", {})


def test_mail_by_ses_reaches_the_inbox_with_its_tags(cloud: LocalCloud) -> None:
    """Whole, as raw MIME."""
    cloud.client("ses").send_raw_email(
        Source="termine@mail.example.ch",
        Destinations=["ses@example.ch"],
        RawMessage={"Data": a_mail(to="ses@example.ch").as_bytes()},
        Tags=[{"Name": "ref", "Value": "abc"}],
    )

    message = cloud.inbox.wait_for(1, to="ses@example.ch")[0]

    assert (message["provider"], message["subject"]) == ("ses", "Ihr Termin in Zürich")
    assert message["variables"] == {"ref": "abc"}
    assert message["attachments"][0]["calendar"]["summary"] == "Massage"


def test_every_item_is_seen_as_it_is_stored(cloud: LocalCloud) -> None:
    """Over several pages too."""
    table = cloud.client("dynamodb")
    for number in range(3):
        item = {"pk": {"S": f"SCAN#{number}"}, "sk": {"S": "x"}, "fill": {"B": bytes(390_000)}}
        table.put_item(TableName="zusage-local-transient", Item=item)

    keys = {item["pk"]["S"] for item in cloud.scan_raw("transient")}

    assert {f"SCAN#{number}" for number in range(3)} <= keys


def test_a_second_deployment_is_an_update(cloud: LocalCloud) -> None:
    """What is stored stays."""
    cloud.client("dynamodb").put_item(TableName="zusage-local-transient", Item={"pk": {"S": "STAYS"}, "sk": {"S": "x"}})

    cloud.deploy()

    assert "STAYS" in {item["pk"]["S"] for item in cloud.scan_raw("transient")}
    assert cloud.call("GET", "/v1/health").status == 200


def test_a_failed_deployment_is_one_sentence(cloud: LocalCloud, tmp_path: Path) -> None:
    """That names what is wrong; the product that was there goes on."""
    template: dict[str, Any] = json.loads((PACKAGE / "sam.json").read_text())
    template["Resources"]["Wrong"] = {"Type": "AWS::Budgets::Budget", "Properties": {}}
    (tmp_path / "sam.json").write_text(json.dumps(template))
    (tmp_path / "deployment.zip").write_bytes((PACKAGE / "deployment.zip").read_bytes())

    with pytest.raises(DeployError, match=r"^The stack zusage-local was refused: .*AWS::Budgets::Budget"):
        cloud.deploy(tmp_path)

    assert cloud.call("GET", "/v1/health").status == 200


def test_the_log_is_there_to_be_searched(cloud: LocalCloud) -> None:
    """Of all functions."""
    cloud.invoke("Wake")

    assert "REPORT RequestId" in cloud.logs()


def test_only_this_machine_can_connect(cloud: LocalCloud) -> None:
    """Every port listens on the loopback address."""
    ports = {f"{port:04X}" for port in (cloud.port, cloud.inbox.port, cloud.inbox.smtp_port)}
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]

    listening = {fields[1] for fields in sockets if fields[3] == "0A" and fields[1].partition(":")[2] in ports}

    assert listening == {f"0100007F:{port}" for port in ports}


def test_several_run_at_once_and_leave_nothing(cloud: LocalCloud) -> None:
    """Neither a process nor a file."""
    other = LocalCloud().start(deployed=False)
    running, run = pids(other), other.run

    other.stop()
    other.stop()

    assert len(running) >= 2
    assert soon(lambda: not any(is_running(pid) for pid in running))
    assert not run.exists()
    assert cloud.call("GET", "/v1/health").status == 200


def test_an_interrupted_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when someone presses Ctrl-C too early."""
    running: list[int] = []

    def interrupted(self: LocalCloud, package: Path | None = None) -> None:
        running.extend(pids(self))
        raise KeyboardInterrupt

    monkeypatch.setattr(LocalCloud, "deploy", interrupted)

    with pytest.raises(KeyboardInterrupt):
        LocalCloud().start()

    assert len(running) >= 2
    assert soon(lambda: not any(is_running(pid) for pid in running))


def test_all_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    """Without a chance to stop it."""
    code = f"""
        import time
        from pathlib import Path
        from infra.local.cloud import LocalCloud
        cloud = LocalCloud(run=Path({str(tmp_path / "run")!r})).start(deployed=False)
        print(cloud._emulator.pid, cloud.inbox._program.pid, flush=True)
        time.sleep(60)
    """
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    running = [int(pid) for pid in owner.stdout.readline().split()]

    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    owner.stdout.close()

    assert len(running) == 2
    assert soon(lambda: not any(is_running(pid) for pid in running))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """It prints where everything is, and ends with 0 when it is told to."""
    command = [sys.executable, "-m", "infra.local", "--port", "0", "--inbox-port", "0", "--run", str(tmp_path / "run")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    lines = []
    while not lines or "Ctrl-C" not in lines[-1]:
        lines.append(process.stdout.readline())
        assert lines[-1], "the command ended"
    begun = time.monotonic()

    process.send_signal(number)
    rest, errors = process.communicate(timeout=20)

    text = "".join(lines)
    assert (process.returncode, rest, errors) == (0, "Stopped.\n", "")
    assert time.monotonic() - begun < 10
    assert "  API     http://app.localhost:" in text
    assert json.loads((tmp_path / "run" / "business.json").read_text())["token"]
    assert "  Inbox   http://127.0.0.1:" in text
