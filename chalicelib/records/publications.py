"""Every version of the privacy notice that was published, as data: a file a version in `published`.

`make notice VERSION=<date>` writes the present declarations into a new one; a test holds the newest to them.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.domain.facts import Facts
from chalicelib.domain.versions import Version

FOLDER = Path(__file__).parent / "published"
Publications = Callable[[], Sequence[Version]]


@cache
def published() -> tuple[Version, ...]:
    """All versions, the oldest first."""
    files = FOLDER.glob("*.json")
    return tuple(sorted((read(path) for path in files), key=lambda each: each.version))


def read(path: Path) -> Version:
    """The version in a file."""
    raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Version(
        version=raw["version"], effective=date.fromisoformat(raw["effective"]), facts=Facts.read(raw["facts"])
    )


def written(version: Version) -> str:
    """What the file of a version holds."""
    content = {
        "version": version.version,
        "effective": version.effective.isoformat(),
        "facts": version.facts.written(),
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
