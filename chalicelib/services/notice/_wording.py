"""The notice's words with those that kinds bring along themselves, so that a new kind is one file."""

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.messages.notice_words import words
from chalicelib.records._base import Record
from chalicelib.records.catalogue import RECORDS


@functools.cache
def spoken(language: str) -> Mapping[str, Any]:
    """The words in one language; LookupError where there is no notice in it."""
    return spoken_with(words(language), RECORDS, language)


def spoken_with(said: Mapping[str, Any], kinds: Iterable[type[Record]], language: str) -> dict[str, Any]:
    """`said`, and what these kinds say of themselves. LookupError names a kind that lacks the language."""
    every: dict[str, Any] = {**said}
    for kind in kinds:
        if not kind.said:
            continue
        if language not in kind.said:
            raise LookupError(f"{kind.kind_name()} has no words in {language}")
        own, name = kind.said[language], kind.kind_name()
        for group, more in (
            ("kind_names", {name: own.name}),
            ("interests", {name: own.interest} if own.interest else {}),
            ("field_names", own.fields),
            ("starts", own.starts),
        ):
            every[group] = {**every[group], **more}
    return every
