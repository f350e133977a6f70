"""Runs the benchmarks: `python -m infra.bench` all of them, `python -m infra.bench race sweep` some.

Each runs in an interpreter of its own, so that none warms up or slows down another. Prints a table; a run of all of
them also writes build/bench.json. A missed budget is printed, not an error; what could not run at all is.
"""

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from infra.bench.figures import Figure, misses, table
from infra.local.paths import BUILD, ROOT

RESULT = BUILD / "bench.json"
BENCHES = {
    "slots": "infra.bench.slot_rules",
    "oracle": "infra.bench.oracle",
    "free-times": "infra.bench.free_times",
    "sealing": "infra.bench.sealing",
    "bundle": "infra.bench.bundle_size",
    "start": "infra.bench.cold_start",
    "publishing": "infra.bench.publishing",
    "requests": "infra.bench.requests",
    "costs": "infra.bench.costs",
    "sign-in": "infra.bench.sign_in",
    "ledger": "infra.bench.ledger",
    "sweep": "infra.bench.sweep",
    "customers": "infra.bench.customer_search",
    "race": "infra.bench.race",
    "contention": "infra.bench.contention",
}


def main(arguments: list[str] | None = None) -> int:
    """The command line; 1 when a benchmark failed to run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="name", help=f"{', '.join(BENCHES)}; all when none is named")
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - BENCHES.keys():
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    if given.here:
        found = importlib.import_module(BENCHES[given.names[0]]).run()
        given.here.write_text(json.dumps([figure.row() for figure in found]))
        return 0
    return run(given.names or list(BENCHES))


def run(names: list[str]) -> int:
    """Runs the benchmarks named, prints and writes what they found."""
    figures: list[Figure] = []
    failed = [name for name in names if not _measured(name, figures)]
    if names == list(BENCHES):
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps([figure.row() for figure in figures], indent=2) + "\n")
    print(f"\n{table(figures)}\n")
    missed = misses(figures)
    print("\n".join(missed) if missed else "All budgets are kept.")
    for name in failed:
        print(f"FAILED to run: {name}")
    return 1 if failed else 0


def _measured(name: str, figures: list[Figure]) -> bool:
    """Runs one benchmark and adds what it found; tells why when it could not run."""
    with tempfile.TemporaryDirectory(prefix="zusage-bench-") as scratch:
        result, started = Path(scratch) / "figures.json", time.perf_counter()
        command = [sys.executable, "-m", "infra.bench", name, "--here", str(result)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            return False
        figures += [Figure.of(row) for row in json.loads(result.read_text())]
        return True


if __name__ == "__main__":
    sys.exit(main())
