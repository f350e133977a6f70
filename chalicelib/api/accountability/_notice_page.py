"""The privacy notice as a page: plain HTML that needs no script and loads nothing but the style sheet beside it."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from chalicelib.api.http.plain_page import bullets, definitions, framed, heading, other_languages, paragraphs
from chalicelib.messages.notice_words import NOTICE_LANGUAGES, words

if TYPE_CHECKING:
    from chalicelib.services.notice._stated import Differences, Notice, Party, Recipient, StoredKind, VersionStated


def render(notice: "Notice", history: Sequence["VersionStated"], news: "Differences", *, up: str, here: str) -> str:
    """The page; `up` leads from its address to the root of the site, `here` to the notice in force."""
    return framed(_content(notice, history, news, here), language=notice.language, title=notice.title, up=up)


def _content(notice: "Notice", history: Sequence["VersionStated"], news: "Differences", here: str) -> Iterator[str]:
    said = words(notice.language)
    yield other_languages(notice.language, NOTICE_LANGUAGES)
    yield f"<h1>{escape(notice.title)}</h1>"
    version = said["version"].format(version=notice.version)
    yield paragraphs((f"{version}. {notice.standing}", notice.governing, notice.intro))
    yield _section(said["controller"], _party(notice.controller) + paragraphs((notice.relation,)))
    yield _section(said["officer"], _party(notice.officer))
    yield _section(said["kinds"], "\n".join(_kind(kind, said["words"]) for kind in notice.kinds))
    if notice.disagreements:
        yield _section(said["disagreements"], bullets(notice.disagreements))
    yield _section(said["recipients"], bullets(_recipient(each, said["recipient"]) for each in notice.recipients))
    yield _section(said["rights"], bullets(notice.rights) + paragraphs((notice.ask,)))
    texts = (
        ("hosting", notice.hosting),
        ("transfers_heading", notice.transfers),
        ("authority", notice.authority),
        ("decisions", notice.automated_decisions),
        ("cookies", notice.cookies),
        ("visits", notice.visits),
        ("security", notice.security),
    )
    for name, text in texts:
        yield _section(said[name], paragraphs((text,)))
    yield _section(_heading(news, said), _news(news, said))
    yield _section(said["versions"], _versions(history, here, notice.language))


def _heading(news: "Differences", said: Mapping[str, Any]) -> str:
    return str(
        said["changes"].format(version=news.since) if news.since else said["version"].format(version=news.version)
    )


def _news(news: "Differences", said: Mapping[str, Any]) -> str:
    if not news.since:
        return paragraphs((said["first_version"],))
    if not news.changes:
        return paragraphs((said["no_changes"],))
    # What people must hear of comes first, and says so.
    ordered = sorted(news.changes, key=lambda each: not each.important)
    return bullets(f"{each.text} ({said['important']})" if each.important else each.text for each in ordered)


def _versions(history: Sequence["VersionStated"], here: str, language: str) -> str:
    lines = (
        f'<li><a href="{here}/versions/{each.version}?language={language}">{escape(each.text)}</a></li>'
        for each in history
    )
    return f"<ul>{''.join(lines)}</ul>"


def _party(party: "Party") -> str:
    return paragraphs((party.name, party.postal, party.mail))


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
    told = definitions((said[name], "; ".join(value)) for name, value in facts)
    sealed = paragraphs((said["sealed"].format(key=kind.sealed_with),)) if kind.sealed else ""
    return f"<h3>{escape(kind.what)}</h3>{sealed}{told}"


def _section(title: str, content: str) -> str:
    return heading(title) + content
