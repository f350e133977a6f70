"""What whoever works for the operator confirms about data secrecy, a file a language. A new text is a new version."""

import functools
from pathlib import Path

SECRECY_VERSION = "2026-11-22"
SECRECY_LANGUAGES = ("de", "en", "fr", "it")

_FOLDER = Path(__file__).parent / "secrecy"


@functools.cache
def secrecy_text(language: str) -> str:
    """The text in one of `SECRECY_LANGUAGES`; LookupError for another."""
    if language not in SECRECY_LANGUAGES:
        raise LookupError("there is no such text in this language")
    return (_FOLDER / f"{language}.txt").read_text(encoding="utf-8")
