"""What careful readers of four languages stumble over, caught by rules."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from pathlib import Path

import pytest

from chalicelib import api, messages
from chalicelib.messages.catalogue import LANGUAGES, MESSAGES
from chalicelib.messages.when import spoken_time

FOLDER = Path(messages.__file__).parent
ASSETS = Path(api.__file__).parent / "assets"
MAILS = sorted(path for path in FOLDER.rglob("*/*/*") if path.suffix in {".txt", ".html"} and path.name != "sms.txt")
FRENCH = [path for path in MAILS if path.parent.name == "fr"]
SCRIPTS = sorted(ASSETS.glob("*.js"))
SUBJECT_AT_MOST = 70
ASKED_FOR = {"confirm-registration", "sign-in-link", "password-reset", "email-change-new"}
every_message = pytest.mark.parametrize(
    ("message", "language"), list(product([each.name for each in MESSAGES], LANGUAGES))
)
UNGUARDED = re.compile(r"[^\s\u00a0][:;!?](?=\s|$)|[^\u00a0]»|«[^\u00a0]", re.MULTILINE)


def told(path: Path) -> str:
    """The words of a text, without markup."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"<[^>]*>", "\n", text) if path.suffix == ".html" else text


def french_of(script: Path) -> Iterator[str]:
    """What a page says in French."""
    for block in re.findall(
        r"^  fr: \{$(.*?)^  \},$", script.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    ):
        for text in re.findall(r'"((?:[^"\\]|\\.)*)"', block):
            yield text.replace(r"\u00a0", "\u00a0")


def longest_time(language: str) -> int:
    """Of all days of two years, but for the hour that occurs twice."""
    first = datetime(2026, 1, 1, 11, 30, tzinfo=UTC)
    return max(len(spoken_time(first + timedelta(days=day), "Europe/Zurich", language)) for day in range(730))


@pytest.mark.parametrize("path", FRENCH, ids=[path.relative_to(FOLDER).as_posix() for path in FRENCH])
def test_french_mails_keep_high_punctuation_with_its_word(path: Path) -> None:
    """By a space that does not break, as French readers expect it."""
    assert UNGUARDED.findall(told(path)) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=[path.name for path in SCRIPTS])
def test_french_pages_keep_high_punctuation_with_its_word(script: Path) -> None:
    """Like the mails."""
    for text in french_of(script):
        assert UNGUARDED.findall(text) == [], text


@every_message
def test_subjects_are_short_enough_to_be_read(message: str, language: str) -> None:
    """With the longest day there is: what is cut off by a mail program is the time."""
    subject = (FOLDER / message / language / "subject.txt").read_text(encoding="utf-8").strip()

    length = len(subject.replace("${when}", "x" * longest_time(language)))
    assert length <= SUBJECT_AT_MOST


@every_message
def test_plain_texts_say_what_a_link_is_for(message: str, language: str) -> None:
    """Right before it: in plain text there is no button with a name."""
    for name in ("body.txt", "each.txt"):
        path = FOLDER / message / language / name
        lines = list(filter(None, path.read_text(encoding="utf-8").splitlines())) if path.exists() else []
        for before, line in pairwise(lines):
            assert line not in {"${link}", "${manage_link}"} or before.endswith(":"), before


@every_message
def test_the_first_sentence_begins_like_one(message: str, language: str) -> None:
    """The greeting ends without a comma or, in French, like a line; in all four a capital letter follows."""
    first = (FOLDER / message / language / "body.txt").read_text(encoding="utf-8").split("\n\n")[1]

    assert first.startswith("${") or first[0].isupper()


def test_only_what_was_asked_for_says_so() -> None:
    """The footer says why somebody gets a mail; nobody asks to hear that their password was changed."""
    assert {each.name for each in MESSAGES if each.about == "staff"} == ASKED_FOR
