"""The page on promises: plain HTML that needs no script and loads nothing but the style sheet beside it."""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from chalicelib.messages.promises import PROMISE_LANGUAGES
from chalicelib.messages.trust_words import trust_words

if TYPE_CHECKING:
    from chalicelib.services.auditing.trusting import Stands, Trust

_FRAME = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="assets/page.css">
</head>
<body>
<main>
{content}
</main>
</body>
</html>
"""


def render(trust: "Trust", *, language: str) -> str:
    """The page in one language."""
    said = trust_words(language)
    content = "\n".join(_content(trust, language))
    return _FRAME.format(language=language, title=escape(said["title"]), content=content)


def _content(trust: "Trust", language: str) -> Iterator[str]:
    said = trust_words(language)
    others = (
        f'<a href="?language={each}" hreflang="{each}">{each}</a>' for each in PROMISE_LANGUAGES if each != language
    )
    yield f"<nav>{' '.join(others)}</nav>"
    yield f"<h1>{escape(said['title'])}</h1>"
    yield f"<p>{escape(said['intro'])}</p>"
    yield f"<p>{escape(_last_audit(trust, language))}</p>"
    meanings = (
        f"<dt>{escape(said['standing'][one])}</dt><dd>{escape(said['meaning'][one])}</dd>" for one in said["meaning"]
    )
    yield f"<dl>{''.join(meanings)}</dl>"
    for area, stands in groupby(trust.promises, key=lambda one: one.promise.area):
        yield f"<h2>{escape(said['areas'][area])}</h2>"
        yield f"<dl>{''.join(_stands(one, language) for one in stands)}</dl>"


def _last_audit(trust: "Trust", language: str) -> str:
    said = trust_words(language)
    if trust.audited_at is None:
        return str(said["never"])
    told = said["audited"].format(at=_when(trust.audited_at))
    return told if trust.is_recent else f"{told} {said['stale']}"


def _stands(stands: "Stands", language: str) -> str:
    said = trust_words(language)
    standing = said["standing"][stands.standing.value]
    at = (
        f"<br><small>{escape(said['last_check'].format(at=_when(stands.audited_at)))}</small>"
        if stands.audited_at
        else ""
    )
    return f"<dt>{escape(standing)}{at}</dt><dd>{escape(stands.promise.says(language))}</dd>"


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
