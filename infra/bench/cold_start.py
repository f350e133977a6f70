"""What a cold start takes: importing our app against importing the smallest Chalice app that has a DynamoDB client.

Both are imported out of the same unpacked bundle by a bare interpreter (no site-packages, nothing of the checkout),
alternating, each time in a fresh process; the ratio is taken of each pair, then the median. The processor's time is
compared, not the wall clock's: other programs disturb it less. Compiled files are there for both. AWS compiles what
lies in a bundle at every cold start, since a function cannot write beside it: the second figure leaves them out.
"""

import compileall
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from infra.bench.figures import Figure
from infra.local.paths import PACKAGE, ROOT
from infra.tools.package import package

PAIRS = 17
PAIRS_UNCOMPILED = 3
_BARE_APP = """
import boto3
from chalice.app import Chalice

app = Chalice(app_name="bare")
client = boto3.client("dynamodb", region_name="eu-central-2")


@app.route("/")
def index():
    return {}
"""
_IMPORT = """
import json, sys, time
sys.path[:0] = sys.argv[2:]
before = time.process_time_ns()
__import__(sys.argv[1])
print(json.dumps((time.process_time_ns() - before) / 1e6))
"""
_READY = "_ready"
_READY_APP = """
import app
from chalicelib.records import _tables, reading
_tables.RecordsTable.Meta.region = "eu-central-2"
reading.client()
"""


@dataclass(frozen=True)
class Bundle:
    """The unpacked bundle, and beside it the apps to compare with."""

    code: Path
    others: Path

    def milliseconds(self, module: str, *, options: Sequence[str] = ()) -> float:
        """The processor time that importing takes in a fresh interpreter."""
        command = [sys._base_executable, "-I", "-S", *options, "-c", _IMPORT]  # type: ignore[attr-defined]
        done = subprocess.run(
            [*command, module, str(self.code), str(self.others)], env={}, capture_output=True, text=True, check=True
        )
        return float(json.loads(done.stdout))

    def ratios(self, module: str, *, pairs: int, options: Sequence[str] = ()) -> list[float]:
        """How many times as long as the bare app, pair by pair; the first of each pair alternates."""
        found = []
        for turn in range(pairs):
            order = (module, "bare") if turn % 2 else ("bare", module)
            took = {name: self.milliseconds(name, options=options) for name in order}
            found.append(took[module] / took["bare"])
        return found


def run() -> list[Figure]:
    """The ratio of the budget; the same without compiled files, and with the client that the first request makes."""
    with tempfile.TemporaryDirectory(prefix="zusage-bench-") as scratch:
        bundle = unpacked(Path(scratch))
        uncompiled = bundle.ratios("app", pairs=PAIRS_UNCOMPILED, options=["-B"])
        slow = bundle.milliseconds("app", options=["-B"])
        for folder in (bundle.code, bundle.others):
            compileall.compile_dir(folder, quiet=2, workers=0)
        bundle.milliseconds("app")  # the first to read what was just written
        return [
            Figure(
                "import of app / of a bare app with one client", median(bundle.ratios("app", pairs=PAIRS)), "x", 1.4
            ),
            Figure("the same with our client made too", median(bundle.ratios(_READY, pairs=PAIRS // 2)), "x"),
            Figure("the same without compiled files", median(uncompiled), "x"),
            Figure("import of app, compiled", bundle.milliseconds("app"), "ms (processor)"),
            Figure("import of app without compiled files", slow, "ms (processor)"),
        ]


def unpacked(scratch: Path) -> Bundle:
    """The bundle as it is deployed, and the other apps."""
    code, others = scratch / "bundle", scratch / "others"
    others.mkdir()
    with zipfile.ZipFile(package(root=ROOT, stage="local", out=PACKAGE) / "deployment.zip") as file:
        file.extractall(code)
    (others / "bare.py").write_text(_BARE_APP)
    (others / f"{_READY}.py").write_text(_READY_APP)
    return Bundle(code, others)
