"""The pages: they load nothing from elsewhere, keep tokens out of addresses, and read nothing as markup."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from chalicelib.api import pages
from chalicelib.messages.catalogue import LANGUAGES
from tests.api.sample_app import Caller, serving

ASSETS = Path(pages.__file__).parent / "assets"
SCRIPTS = sorted(ASSETS.glob("*.js"))
PAGES = sorted(path.stem for path in ASSETS.glob("*.html"))
FOR_PEOPLE = sorted({*PAGES} - {"docs"})  # whoever writes a client reads English, as the document itself is


def source_of(name: str) -> str:
    """A script."""
    return (ASSETS / f"{name}.js").read_text(encoding="utf-8")


def loaded_by(name: str) -> set[str]:
    """A script and all that it imports, and so on."""
    found, ahead = set[str](), {name}
    while ahead:
        found |= ahead
        ahead = {each for one in ahead for each in re.findall(r'from "\./([\w-]+)\.js"', source_of(one))} - found
    return found


def said_in(source: str) -> dict[str, dict[str, str]]:
    """The texts in a script by their names, by language."""
    blocks = re.findall(r"\n  (\w\w): {\n(.*?)\n  },", source, re.DOTALL)
    named = re.compile(r"(?:^|[ ,])\"?([\w-]+)\"?: [\"`](.*?)[\"`](?=[,\n])", re.MULTILINE | re.DOTALL)
    return {language: dict(named.findall(block + "\n")) for language, block in blocks}


@pytest.fixture
def call() -> Iterator[Caller]:
    with serving() as caller:
        yield caller


class Loaded(HTMLParser):
    """Collects what a page loads and what it says to scripts."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.inline: list[str] = []
        self.words: set[str] = set()
        self.ids: list[str] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes addresses, inline code, ids and the names of texts."""
        given = dict(attrs)
        self.links += [given[name] or "" for name in ("src", "href") if name in given]
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in given) else []
        self.words |= {given["data-text"] or ""} if "data-text" in given else set()
        self.ids += [given["id"] or ""] if "id" in given else []


@pytest.mark.parametrize("path", [f"/{name}" for name in PAGES])
def test_a_page(call: Caller, path: str) -> None:
    """A page is HTML under a policy that allows its own scripts only, whatever others append to the address."""
    answer = call("GET", f"{path}?utm_source=x")

    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", [f"/{name}" for name in PAGES])
def test_a_page_loads_its_own_files_only(call: Caller, path: str) -> None:
    """Every address in a page is relative and answered by us; nothing is inline, as the policy demands."""
    loaded = Loaded(call("GET", path).body.decode())

    assert not loaded.inline
    for link in loaded.links:
        assert link.startswith(("#", "data:,")) or call("GET", f"/{link}").status_code == 200


@pytest.mark.parametrize("name", pages._ASSETS)
def test_an_asset(call: Caller, name: str) -> None:
    """An asset may be kept for an hour, and is then asked for by its ETag."""
    answer = call("GET", f"/assets/{name}")

    again = call("GET", f"/assets/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert answer.body.decode() == (ASSETS / name).read_text(encoding="utf-8")
    assert answer.headers["Content-Type"].startswith("text/css" if name.endswith(".css") else "text/javascript")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert again.status_code == 304


def test_the_list_of_assets_is_the_folder() -> None:
    """Every script and style sheet that is there is served, and nothing is listed that is not."""
    assert sorted(pages._ASSETS) == sorted(path.name for path in ASSETS.iterdir() if path.suffix != ".html")


@pytest.mark.parametrize("name", ["docs.html", "nothing.js", "..%2fpages.py", "docs_js", "docs.js.map", "xdocs.js"])
def test_nothing_else_is_served(call: Caller, name: str) -> None:
    """The name must be one of the list, to the letter."""
    assert call("GET", f"/assets/{name}").status_code == 404


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_read_nothing_as_markup(script: Path) -> None:
    """No script turns text into markup or code, keeps anything in the browser, or names another host."""
    source = script.read_text(encoding="utf-8")

    banned = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\(['\"]"
    kept = r"localStorage|sessionStorage|document\.cookie|indexedDB"
    assert re.findall(banned, source) == []
    found = set(re.findall(kept, source))
    assert found <= ({"document.cookie"} if script.name == "customer.js" else set())  # it keeps one, if asked to
    assert re.findall(r"https?://|['\"`]//", source) == []


@pytest.mark.parametrize("sheet", sorted(ASSETS.glob("*.css")), ids=lambda path: path.name)
def test_styles_load_nothing(sheet: Path) -> None:
    """A style sheet that loads something would tell others who looks at the page."""
    assert re.findall(r"url\(|@import|https?:", sheet.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", sorted(path.stem for path in SCRIPTS if said_in(path.read_text(encoding="utf-8"))))
def test_whatever_says_something_says_it_in_every_language(name: str) -> None:
    """All say the same things, each in words of its own, and German as it is written in Switzerland."""
    said = said_in(source_of(name))

    assert {*said} == {*LANGUAGES}
    assert [language for language, texts in said.items() if {*texts} != {*said["de"]}] == []
    assert {each for texts in said.values() for each, text in texts.items() if not text} <= {"on-site"}
    assert not [each for each in said["fr"] if len(said["de"][each]) > 30 and said["fr"][each] == said["it"][each]]
    assert "ß" not in source_of(name)


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_no_page_lacks_a_text(name: str) -> None:
    """What a page and its scripts ask for by name is said, in every language, by them or by what all pages share."""
    said: set[str] = set()
    asked = Loaded((ASSETS / f"{name}.html").read_text(encoding="utf-8")).words | {"title"}
    for each in loaded_by(name):
        said |= {*said_in(source_of(each)).get("de", {})}
        asked |= {one or other for one, other in re.findall(r'chosen(?:\.(\w+)|\["([\w-]+)"\])', source_of(each))}

    assert asked - said == set()
    assert "title" in said_in(source_of(name))["de"]


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_the_language_is_chosen_in_one_way(name: str) -> None:
    """By what all pages share; and whoever has turned off scripts is told so in all four."""
    assert any(re.search(r"\bwords\(", source_of(each)) for each in loaded_by(name) - {"page"})
    assert not [each for each in loaded_by(name) - {"page"} if "navigator.language" in source_of(each)]
    (told,) = re.findall(r"<noscript><p>(.*?)</p>", (ASSETS / f"{name}.html").read_text(encoding="utf-8"), re.DOTALL)
    assert [each.split()[0] for each in told.split("/")] == ["Bitte", "Please", "Veuillez", "Attivi"]


def test_dates_are_written_in_every_language() -> None:
    """As they are in the country."""
    assert {*LANGUAGES} == {*re.findall(r"(\w+): \"\w+-[A-Z]{2}\"", source_of("page"))}


@pytest.mark.parametrize("name", PAGES)
def test_scripts_and_pages_agree_on_ids(name: str) -> None:
    """Every element that a script looks up by a fixed id is in its page, once."""
    source = "".join(source_of(each) for each in loaded_by(name))
    ids = Loaded((ASSETS / f"{name}.html").read_text(encoding="utf-8")).ids

    asked = set(re.findall(r"(?:\$|getElementById)\(\"([\w-]+)\"\)", source))
    assert asked
    assert asked <= set(ids)
    assert len(ids) == len(set(ids))


def test_tokens_travel_in_headers_and_bodies_only() -> None:
    """The token comes from behind the # and is never put into an address that is sent."""
    sources = {path.name: path.read_text(encoding="utf-8") for path in SCRIPTS}

    assert "location.hash" in sources["appointment.js"]
    assert "location.hash" in sources["sign-in.js"]
    assert 'headers["Zusage-Link"] = link' in sources["page.js"]
    # Microsoft and Google hand over their codes there, of use to nobody without what only we keep.
    assert [name for name, source in sources.items() if "location.search" in source] == ["calendar.js"]
    assert re.findall(r"call\([^)]*\$\{[^}]*token", "".join(sources.values())) == []
