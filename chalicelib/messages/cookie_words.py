"""What is said of each cookie, a file a language: purpose, who sets it, how long, what it holds, how to delete it."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path

COOKIE_LANGUAGES = ("en", "de", "fr", "it")
_FOLDER = Path(__file__).parent / "cookies"


@functools.cache
def cookie_words(language: str) -> Mapping[str, Mapping[str, str]]:
    """The words by cookie, in one of `COOKIE_LANGUAGES`; LookupError for another."""
    if language not in COOKIE_LANGUAGES:
        raise LookupError("the cookies are not described in this language")
    found: Mapping[str, Mapping[str, str]] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return found
