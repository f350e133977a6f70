"""The page on promises: plain HTML that needs no script and loads nothing but the style sheet beside it."""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from chalicelib.api.http.plain_page import definitions, framed, heading, other_languages, paragraphs
from chalicelib.messages.promises import PROMISE_LANGUAGES
from chalicelib.messages.trust_words import trust_words

if TYPE_CHECKING:
    from chalicelib.services.auditing.trusting import Stands, Trust


def render(trust: "Trust", *, language: str) -> str:
    """The page in one language."""
    return framed(_content(trust, language), language=language, title=trust_words(language)["title"])


def _content(trust: "Trust", language: str) -> Iterator[str]:
    said = trust_words(language)
    yield other_languages(language, PROMISE_LANGUAGES)
    yield f"<h1>{escape(said['title'])}</h1>"
    yield paragraphs((said["intro"], _last_audit(trust, language)))
    yield definitions((said["standing"][one], meaning) for one, meaning in said["meaning"].items())
    for area, stands in groupby(trust.promises, key=lambda one: one.promise.area):
        yield heading(said["areas"][area])
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
