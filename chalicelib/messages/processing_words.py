"""The words of the record of processing that the privacy notice does not have, a file a language."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROCESSING_LANGUAGES = ("en", "de")
_FOLDER = Path(__file__).parent / "processing"


@functools.cache
def processing_words(language: str) -> Mapping[str, Any]:
    """The words in one of `PROCESSING_LANGUAGES`; LookupError for another."""
    if language not in PROCESSING_LANGUAGES:
        raise LookupError("there is no record of processing in this language")
    found: Mapping[str, Any] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return found
