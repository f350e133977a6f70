"""The words of the privacy notice, a file a language. What is said of which data comes from the catalogue."""

import functools
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

NOTICE_LANGUAGES = ("en", "de", "fr", "it")
GOVERNING = "en"
_FOLDER = Path(__file__).parent / "notice"


@functools.cache
def words(language: str) -> Mapping[str, Any]:
    """The words in one of `NOTICE_LANGUAGES`; LookupError for another."""
    if language not in NOTICE_LANGUAGES:
        raise LookupError("there is no notice in this language")
    found: Mapping[str, Any] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return found


def spoken_date(day: date, language: str) -> str:
    """A date as people write it: "23. November 2026"."""
    said = words(language)
    number = said["first"] if day.day == 1 else str(day.day)
    return str(said["date"].format(day=number, month=said["months"][day.month - 1], year=day.year))
