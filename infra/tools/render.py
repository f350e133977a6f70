"""Writes the generated documents, or with `--check` says which are out of date: `python -m infra.tools.render`."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from infra.tools.render_api import api
from infra.tools.render_record_of_processing import record_of_processing

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "api.md": api,
    "record-of-processing.md": record_of_processing,
}


def main(arguments: list[str]) -> int:
    """1 when `--check` finds a document that is out of date."""
    stale = [name for name, made in DOCUMENTS.items() if _differs(DOCS / name, made())]
    if "--check" in arguments:
        for name in stale:
            print(f"docs/{name} is out of date: run make docs", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (DOCS / name).write_text(DOCUMENTS[name](), encoding="utf-8")
        print(f"docs/{name} written")
    return 0


def _differs(path: Path, wanted: str) -> bool:
    return not path.exists() or path.read_text(encoding="utf-8") != wanted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
