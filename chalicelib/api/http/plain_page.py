"""What our plain pages share: HTML that needs no script and loads nothing but the style sheet beside it."""

from collections.abc import Iterable
from html import escape

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


_OWN_NAMES = {"de": "Deutsch", "en": "English", "fr": "Français", "it": "Italiano"}


def framed(content: Iterable[str], *, language: str, title: str, up: str = "") -> str:
    """The page around its parts, which are HTML already; `up` leads from its address to the root of the site."""
    return _FRAME.format(language=language, title=escape(title), up=up, content="\n".join(content))


def other_languages(chosen: str, of: Iterable[str]) -> str:
    """Links to the same page in the other languages, each called and spoken as in that language."""
    links = (
        f'<a href="?language={each}" hreflang="{each}" lang="{each}">{_OWN_NAMES[each]}</a>'
        for each in of
        if each != chosen
    )
    return f"<nav>{' '.join(links)}</nav>"


def heading(text: str) -> str:
    """The heading of a section."""
    return f"<h2>{escape(text)}</h2>\n"


def paragraphs(texts: Iterable[str]) -> str:
    """One for each text that says something."""
    return "".join(f"<p>{escape(text)}</p>" for text in texts if text)


def bullets(items: Iterable[str]) -> str:
    """A list."""
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def definitions(facts: Iterable[tuple[str, str]]) -> str:
    """A list of what is called how; what has no value is left out."""
    return "<dl>" + "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>" for n, v in facts if v) + "</dl>"
