"""Starts the AWS emulator: on the loopback address, with IAM enforced, in an empty environment, without a memory."""

from pathlib import Path

from infra.local import http_calls, moving_time
from infra.local.paths import ROOT
from infra.local.processes import LOOPBACK, Program, refuse_port_in_use
from infra.local.venvs import VENVS

REGION = "eu-central-2"


def environment(*, port: int, smtp_port: int, run: Path, offset_file: Path) -> dict[str, str]:
    """All that the emulator, and with it every function, sees of the machine's environment."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(run),
        "TMPDIR": str(run / "tmp"),
        "STATE_DIR": str(run / "state"),
        "S3_DATA_DIR": str(run / "state"),
        "LANG": "C.UTF-8",
        "AUTH": "true",
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "SMTP_HOST": f"{LOOPBACK}:{smtp_port}",
        moving_time.OFFSET_VARIABLE: str(offset_file),
    }


def start(*, port: int, smtp_port: int, run: Path, offset_file: Path, bundles: Path) -> Program:
    """The emulator, not ready yet; see `wait_until_ready`."""
    refuse_port_in_use(port, option="--port")
    (run / "tmp").mkdir(parents=True, exist_ok=True)
    return Program(
        [str(VENVS["cloud"].python), "-m", "infra.local.launch", str(VENVS["lambda"].python), str(bundles)],
        environment=environment(port=port, smtp_port=smtp_port, run=run, offset_file=offset_file),
        directory=ROOT,
        log=run / "cloud.log",
    )


def wait_until_ready(program: Program, port: int) -> None:
    """Returns when the emulator answers."""

    def answers() -> bool:
        try:
            return http_calls.call(port, "GET", "/_ministack/health", host=LOOPBACK, timeout=5).status == 200
        except OSError:
            return False

    program.wait_until(answers, what="AWS emulator")
