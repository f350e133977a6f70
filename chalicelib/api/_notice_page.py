"""The privacy notice as a page: plain HTML that needs no script and loads nothing but the style sheet beside it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from chalicelib.messages.notice_words import NOTICE_LANGUAGES, words

if TYPE_CHECKING:
    from chalicelib.services.notice._stated import Differences, Notice, Party, Recipient, StoredKind, VersionStated

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


def render(notice: "Notice", history: Sequence["VersionStated"], news: "Differences", *, up: str, here: str) -> str:
    """The page; `up` leads from its address to the root of the site, `here` to the notice in force."""
    content = "\n".join(_content(notice, history, news, here))
    return _FRAME.format(language=notice.language, title=escape(notice.title), up=up, content=content)


def _content(notice: "Notice", history: Sequence["VersionStated"], news: "Differences", here: str) -> Iterator[str]:
    said = words(notice.language)
    yield _languages(notice.language)
    yield f"<h1>{escape(notice.title)}</h1>"
    version = said["version"].format(version=notice.version)
    yield _paragraphs((f"{version}. {notice.standing}", notice.governing, notice.intro))
    yield _section(said["controller"], _party(notice.controller) + _paragraphs((notice.relation,)))
    yield _section(said["officer"], _party(notice.officer))
    yield _section(said["kinds"], "\n".join(_kind(kind, said["words"]) for kind in notice.kinds))
    if notice.disagreements:
        yield _section(said["disagreements"], _list(notice.disagreements))
    yield _section(said["recipients"], _list(_recipient(each, said["recipient"]) for each in notice.recipients))
    yield _section(said["rights"], _list(notice.rights) + _paragraphs((notice.ask,)))
    texts = (
        ("hosting", notice.hosting),
        ("transfers_heading", notice.transfers),
        ("authority", notice.authority),
        ("decisions", notice.automated_decisions),
        ("cookies", notice.cookies),
        ("visits", notice.visits),
        ("security", notice.security),
    )
    for heading, text in texts:
        yield _section(said[heading], _paragraphs((text,)))
    yield _section(_heading(news, said), _news(news, said))
    yield _section(said["versions"], _versions(history, here, notice.language))


def _heading(news: "Differences", said: Mapping[str, Any]) -> str:
    return str(
        said["changes"].format(version=news.since) if news.since else said["version"].format(version=news.version)
    )


def _news(news: "Differences", said: Mapping[str, Any]) -> str:
    if not news.since:
        return _paragraphs((said["first_version"],))
    if not news.changes:
        return _paragraphs((said["no_changes"],))
    # What people must hear of comes first, and says so.
    ordered = sorted(news.changes, key=lambda each: not each.important)
    return _list(f"{each.text} ({said['important']})" if each.important else each.text for each in ordered)


def _versions(history: Sequence["VersionStated"], here: str, language: str) -> str:
    lines = (
        f'<li><a href="{here}/versions/{each.version}?language={language}">{escape(each.text)}</a></li>'
        for each in history
    )
    return f"<ul>{''.join(lines)}</ul>"


def _languages(chosen: str) -> str:
    others = (f'<a href="?language={each}" hreflang="{each}">{each}</a>' for each in NOTICE_LANGUAGES if each != chosen)
    return f"<nav>{' '.join(others)}</nav>"


def _party(party: "Party") -> str:
    return _paragraphs((party.name, party.postal, party.mail))


def _recipient(each: "Recipient", said: str) -> str:
    first = said.format(
        company=each.company,
        role=each.role,
        place=each.place,
        purpose=each.purpose,
        receives="; ".join(each.receives),
    )
    return " ".join(text for text in (first, each.transfer, each.behind, each.contract) if text)


def _kind(kind: "StoredKind", said: Mapping[str, str]) -> str:
    facts = (
        ("category", (kind.category,)),
        ("about", (kind.about,)),
        ("purpose", kind.purposes),
        ("basis", (kind.basis,)),
        ("interest", (kind.interest,)),
        ("source", (kind.source,)),
        ("period", kind.kept),
        ("afterwards", (kind.afterwards,)),
        ("receives", kind.recipients or (said["nobody"],)),
        ("fields", tuple(f"{each.what} ({each.form})" for each in kind.fields)),
    )
    rows = "".join(
        f"<dt>{escape(said[name])}</dt><dd>{escape('; '.join(value))}</dd>" for name, value in facts if any(value)
    )
    sealed = _paragraphs((said["sealed"].format(key=kind.sealed_with),)) if kind.sealed else ""
    return f"<h3>{escape(kind.what)}</h3>{sealed}<dl>{rows}</dl>"


def _section(heading: str, content: str) -> str:
    return f"<h2>{escape(heading)}</h2>\n{content}"


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts if text)
