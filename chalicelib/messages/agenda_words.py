"""The words in files of appointments, a file a language."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

AGENDA_LANGUAGES = ("de", "en", "fr", "it")
_FOLDER = Path(__file__).parent / "agenda"


@functools.cache
def agenda_words(language: str) -> Mapping[str, Any]:
    """The words in one of `AGENDA_LANGUAGES`."""
    found: Mapping[str, Any] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return found
