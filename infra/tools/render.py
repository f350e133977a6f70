"""Writes the generated files, or with `--check` says which are out of date: `python -m infra.tools.render`."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from infra.tools.render_api import api
from infra.tools.render_authorisation import authorisation_document
from infra.tools.render_declared_stack import declared_stack
from infra.tools.render_promises import promises_document
from infra.tools.render_record_of_processing import record_of_processing

ROOT = Path(__file__).parents[2]
DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "docs/api.md": api,
    "docs/authorisation.md": authorisation_document,
    "docs/promises.md": promises_document,
    "chalicelib/services/auditing/declared.json": declared_stack,
    "docs/record-of-processing.md": record_of_processing,
}


def main(arguments: list[str]) -> int:
    """1 when `--check` finds a file that is out of date."""
    stale = [name for name, made in DOCUMENTS.items() if _differs(ROOT / name, made())]
    if "--check" in arguments:
        for name in stale:
            print(f"{name} is out of date: run make docs", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (ROOT / name).write_text(DOCUMENTS[name](), encoding="utf-8")
        print(f"{name} written")
    return 0


def _differs(path: Path, wanted: str) -> bool:
    return not path.exists() or path.read_text(encoding="utf-8") != wanted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
