"""The privacy notice as a page: plain HTML that needs no script and loads nothing but the style sheet beside it."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from chalicelib.messages.notice_words import NOTICE_LANGUAGES, words

if TYPE_CHECKING:
    from chalicelib.services.publishing import Notice, Party, StoredKind

_FRAME = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{up}assets/page.css">
</head>
<body>
<main>
{content}
</main>
</body>
</html>
"""


def render(notice: "Notice", *, up: str) -> str:
    """The page; `up` leads from its address to the root of the site."""
    content = "\n".join(_content(notice))
    return _FRAME.format(language=notice.language, title=escape(notice.title), up=up, content=content)


def _content(notice: "Notice") -> Iterator[str]:
    said = words(notice.language)
    yield _languages(notice.language)
    yield f"<h1>{escape(notice.title)}</h1>"
    yield _paragraphs((said["version"].format(version=notice.version), notice.governing, notice.intro))
    for heading, party in (("controller", notice.controller), ("officer", notice.officer)):
        yield _section(said[heading], _party(party))
    yield _section(said["kinds"], "\n".join(_kind(kind, said["words"]) for kind in notice.kinds))
    rows = (
        f"{each.company} ({said['words']['place']}: {each.place}): {each.purpose}; {', '.join(each.receives)}"
        for each in notice.recipients
    )
    yield _section(said["recipients"], _list(rows) if notice.recipients else escape(said["words"]["nobody"]))
    yield _section(said["rights"], _list(notice.rights) + _paragraphs((notice.ask,)))
    texts = ("authority", notice.authority), ("decisions", notice.automated_decisions), ("cookies", notice.cookies)
    for heading, text in (*texts, ("security", notice.security)):
        yield _section(said[heading], _paragraphs((text,)))


def _languages(chosen: str) -> str:
    others = (f'<a href="?language={each}" hreflang="{each}">{each}</a>' for each in NOTICE_LANGUAGES if each != chosen)
    return f"<nav>{' '.join(others)}</nav>"


def _party(party: "Party") -> str:
    return _paragraphs((party.name, party.postal, party.mail))


def _kind(kind: "StoredKind", said: dict[str, str]) -> str:
    facts = (
        ("purpose", kind.purposes),
        ("basis", (kind.basis,)),
        ("source", (kind.source,)),
        ("period", kind.kept),
        ("afterwards", (kind.afterwards,)),
        ("receives", kind.recipients or (said["nobody"],)),
    )
    rows = "".join(f"<dt>{escape(said[name])}</dt><dd>{escape('; '.join(value))}</dd>" for name, value in facts)
    sealed = _paragraphs((said["sealed"],)) if kind.sealed else ""
    return f"<h3>{escape(kind.what)}</h3>{sealed}<dl>{rows}</dl>"


def _section(heading: str, content: str) -> str:
    return f"<h2>{escape(heading)}</h2>\n{content}"


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts if text)
