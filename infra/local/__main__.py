"""Runs the product on this machine until Ctrl-C: `python -m infra.local [--port N] [--inbox-port N] [--once]`."""

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from infra.local.cloud import LocalCloud
from infra.local.errors import LocalCloudError
from infra.local.paths import PACKAGE, ROOT, RUN
from infra.local.processes import refuse_port_in_use
from infra.local.seed import remember, seed
from infra.tools.chalice_runner import ChaliceFailedError
from infra.tools.dependencies import DependencyError
from infra.tools.package import PackagingError, package

_READY = """
Ready.
  API     {cloud.api_base}
  Docs    {cloud.api_base}/docs
  Inbox   {cloud.inbox_url}   (every mail and text message ends here; nothing leaves this machine)
  AWS     {cloud.endpoint_url}   (key and secret: test)
  Logs    {cloud.run}
  The operator signs in as {operator.address} with the password {operator.password}
  (the one-time password of the deployment was replaced by it); a session of theirs is in {file}.
"""
_SEEDED = "  A business to look around with: its ids and its session are in {file}.\n"


def main(arguments: list[str] | None = None) -> int:
    """Packages, starts, deploys, waits, stops; 1 with one sentence when something is in the way."""
    chosen = _arguments(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        for port, option in ((chosen.port, "--port"), (chosen.inbox_port, "--inbox-port")):
            if port:
                refuse_port_in_use(port, option=option)
        if chosen.package is None:
            _package()
        _run(chosen)
    except LocalCloudError as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.")
    return 0


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("--port", type=int, default=4599, help="of the API and all AWS services; 0: any free one")
    parser.add_argument("--inbox-port", type=int, default=4600, help="of the inbox; 0: any free one")
    parser.add_argument("--run", type=Path, default=RUN, help="where logs go; emptied at the start")
    parser.add_argument("--package", type=Path, help="deploy what stands there instead of packaging")
    parser.add_argument("--empty", action="store_true", help="add no business to look around with")
    parser.add_argument("--once", action="store_true", help="stop as soon as everything is ready")
    return parser.parse_args(arguments)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Any request to end is one; a second one must not disturb the first."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _package() -> None:
    try:
        with _step("Packaging"):
            package(root=ROOT, stage="local", out=PACKAGE)
    except (PackagingError, ChaliceFailedError, DependencyError) as problem:
        raise LocalCloudError(f"The program could not be packaged: {problem}") from None
    except FileNotFoundError as missing:
        raise LocalCloudError(f"The program could not be packaged: {missing.filename} is missing.") from None


def _run(chosen: argparse.Namespace) -> None:
    cloud = LocalCloud(
        port=chosen.port, inbox_port=chosen.inbox_port, run=chosen.run, package=chosen.package or PACKAGE
    )
    try:
        with _step("Starting the local cloud"):
            cloud.start(deployed=False)
        with _step("Deploying"):
            cloud.deploy()
        if not chosen.empty:
            with _step("Adding a business"):
                remember(seed(cloud), chosen.run / "business.json")
        print(_READY.format(cloud=cloud, operator=cloud.operator, file=_remember_operator(cloud, chosen.run)))
        if not chosen.empty:
            print(_SEEDED.format(file=chosen.run / "business.json"), flush=True)
        if not chosen.once:
            print("Ctrl-C stops it.", flush=True)
            signal.pause()
    finally:
        cloud.stop()


def _remember_operator(cloud: LocalCloud, run: Path) -> Path:
    """Notes a session of the operator's where scripts find it."""
    file = run / "operator.json"
    file.write_text(json.dumps({"header": cloud.as_operator["Authorization"]}, indent=2) + "\n")
    return file


@contextmanager
def _step(what: str) -> Iterator[None]:
    print(f"{what} ...", end=" ", flush=True)
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        print()
        raise
    print(f"done ({time.monotonic() - begun:.1f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
