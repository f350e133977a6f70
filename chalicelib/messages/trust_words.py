"""The words of the page on promises, a file a language."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib.messages.promises import PROMISE_LANGUAGES

_FOLDER = Path(__file__).parent / "trust"


@functools.cache
def trust_words(language: str) -> Mapping[str, Any]:
    """The words in one of `PROMISE_LANGUAGES`; LookupError for another."""
    if language not in PROMISE_LANGUAGES:
        raise LookupError("there is no such page in this language")
    found: Mapping[str, Any] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return found
