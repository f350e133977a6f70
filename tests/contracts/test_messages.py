"""The message catalogue and the texts are honest with each other."""

import re
from html import unescape
from itertools import product
from pathlib import Path

import pytest

from chalicelib import messages
from chalicelib.messages.agenda_words import AGENDA_LANGUAGES
from chalicelib.messages.catalogue import LANGUAGES, MESSAGES, Message, message_named
from chalicelib.messages.cookie_words import COOKIE_LANGUAGES
from chalicelib.messages.notice_words import NOTICE_LANGUAGES
from chalicelib.messages.processing_words import PROCESSING_LANGUAGES
from chalicelib.messages.promises import PROMISE_LANGUAGES
from chalicelib.messages.rendering import RenderedEmail, placeholders, render_email, render_sms
from chalicelib.messages.secrecy_words import SECRECY_LANGUAGES
from chalicelib.messages.sms_segments import count, is_gsm

FOLDER = Path(messages.__file__).parent
FILES = {"email": ("subject.txt", "body.txt", "body.html"), "sms": ("sms.txt",)}
OF_EACH = ("each.txt", "each.html")
SHARED = (
    {"_layout.html", "promises.json"}
    | {f"processing/{language}.json" for language in PROCESSING_LANGUAGES}
    | {f"trust/{language}.json" for language in PROMISE_LANGUAGES}
    | {f"agenda/{language}.json" for language in AGENDA_LANGUAGES}
    | {f"notice/{language}.json" for language in NOTICE_LANGUAGES}
    | {f"cookies/{language}.json" for language in COOKIE_LANGUAGES}
    | {f"secrecy/{language}.txt" for language in SECRECY_LANGUAGES}
    | {
        f"_footer/{language}/{about}.txt"
        for language in LANGUAGES
        for about in ("appointment", "invitation", "notice", "offer", "staff")
    }
)
TEXTS = sorted(path for path in FOLDER.rglob("*") if path.suffix in {".txt", ".html"})
BY_SMS = [message.name for message in MESSAGES if "sms" in message.channels]

TYPICAL = {
    "given_name": "Anna",
    "family_name": "Müller",
    "business": "Praxis Seefeld",
    "service": "Erstgespräch",
    "expert": "Reto Bühler",
    "zone": "Europe/Zurich",
    "business_contact": "termine@praxis-seefeld.example, 044 123 45 67",
    "link": "https://api.example.ch/v1/links/" + "x" * 64,
    "price": "CHF 120.50",
    "pay_until": "Montag, 2. März 2026, 09:30",
    "manage_link": "https://api.example.ch/v1/links/" + "x" * 64,
    "effective": "23. November 2026",
    "reason": "Ticket 4711: die Inhaberin fragt, weshalb eine Buchung scheitert",
    "begins": "Montag, 30. November 2026, 14:30 Uhr",
    "ends": "Montag, 30. November 2026, 15:30 Uhr",
    "until": "Montag, 30. November 2026, 12:00 Uhr",
    "closes": "Mittwoch, 30. Dezember 2026, 15:30 Uhr",
    "times": "Montag, 30. November 2026, 14:30 Uhr; Dienstag, 1. Dezember 2026, 09:00 Uhr",
    "where": "Praxis Seefeld, Seestrasse 12, 8008 Zürich",
    "valid_days": "7",
    "valid_hours": "24",
    "valid_minutes": "15",
}
LONG = dict.fromkeys(TYPICAL, "Wörter, " * 25) | {
    "business": "Gemeinschaftspraxis für Physiotherapie und Osteopathie am Zürichberg, Niederlassung Oerlikon-Nord",
    "link": "https://termine.gemeinschaftspraxis.example.ch/v1/links/" + "x" * 130,
    "price": "EUR 1234.50",
    "pay_until": "Donnerstag, 24. September 2026, 10:30",
    "manage_link": "https://termine.gemeinschaftspraxis.example.ch/v1/links/" + "x" * 130,
}
WHEN = {
    "de": "Mo 30.11.2026 14:30",
    "en": "Mon 30 Nov 2026 14:30",
    "fr": "lu 30.11.2026 14:30",
    "it": "lu 30.11.2026 14:30",
}
WHEN_LONG = {
    "de": "So 25.10.2026 02:30 MESZ",
    "en": "Sun 25 Oct 2026 02:30 CEST",
    "fr": "di 25.10.2026 02:30 heure d'hiver",
    "it": "do 25.10.2026 02:30 ora estiva",
}


def files_of(message: Message) -> list[str]:
    """The files a language of a message needs, by its channels."""
    return [
        *(OF_EACH if message.each else ()),
        *(name for channel in sorted(message.channels) for name in FILES[channel]),
    ]


def fields_of(message: Message) -> frozenset[str]:
    """All placeholders of a message: its values, what is said of each appointment, and where that stands."""
    return message.fields | message.each | ({"appointments"} if message.each else set())


def read(message: Message, language: str, name: str) -> str:
    """One text as it lies in its folder."""
    return (FOLDER / message.name / language / name).read_text(encoding="utf-8")


def sample(message: Message, source: dict[str, str], when: str) -> dict[str, str]:
    """Values for exactly the message's placeholders."""
    return values_of(message.fields, source, when)


def values_of(names: frozenset[str], source: dict[str, str], when: str) -> dict[str, str]:
    """Values of these names."""
    return {name: when if name == "when" else source[name] for name in names}


def said_of_each(message: Message, source: dict[str, str], when: str) -> list[dict[str, str]]:
    """Values of two appointments, for a message about several."""
    return [values_of(message.each, source, when)] * 2 if message.each else []


def rendered(message: Message, language: str, source: dict[str, str]) -> RenderedEmail:
    """The e-mail with these values."""
    when = WHEN[language]
    said, each = sample(message, source, when), said_of_each(message, source, when)
    return render_email(message.name, language, said, each=each, fallback=language)


every_text = pytest.mark.parametrize(
    ("message", "language"),
    list(product(MESSAGES, LANGUAGES)),
    ids=[f"{message.name}-{language}" for message, language in product(MESSAGES, LANGUAGES)],
)


def test_names_are_unique_and_every_rule_fits_the_channels() -> None:
    """A message that goes by SMS states its segments, another has none."""
    assert len({message.name for message in MESSAGES}) == len(MESSAGES)
    for message in MESSAGES:
        assert message.channels
        assert (message.sms_segments > 0) == ("sms" in message.channels)


def test_every_file_belongs_to_the_catalogue_and_every_entry_has_its_files() -> None:
    """No text is left behind when a message goes, and none is missing when one comes."""
    wanted = {f"{m.name}/{language}/{name}" for m in MESSAGES for language in LANGUAGES for name in files_of(m)}

    found = {
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    }
    assert found == wanted | SHARED


@every_text
def test_placeholders_are_the_declared_fields(message: Message, language: str) -> None:
    """No more and no less over all files of a language; plain text and page say the same."""
    used = {name: placeholders(read(message, language, name)) for name in files_of(message)}

    assert set().union(*used.values()) == fields_of(message)
    assert used["body.txt"] == used["body.html"] == fields_of(message) - (message.each - message.fields)
    assert not message.each or used["each.txt"] == used["each.html"] == message.each


@every_text
def test_all_languages_use_the_same_placeholders_in_each_file(message: Message, language: str) -> None:
    """A translation leaves nothing out."""
    for name in files_of(message):
        assert placeholders(read(message, language, name)) == placeholders(read(message, LANGUAGES[0], name))


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
def test_the_footer_needs_no_other_fields(message: Message) -> None:
    """It is filled with what the message is given."""
    for language in LANGUAGES:
        footer = (FOLDER / "_footer" / language / f"{message.about}.txt").read_text(encoding="utf-8")
        assert placeholders(footer) <= message.fields


@pytest.mark.parametrize("name", [path.relative_to(FOLDER).as_posix() for path in TEXTS])
def test_texts_are_clean(name: str) -> None:
    """Swiss spelling, no stray dollar sign, no white space at line ends, one line feed at the end."""
    text = (FOLDER / name).read_text(encoding="utf-8")

    assert "ß" not in text
    assert "$" not in re.sub(r"\$\{[a-z_]+\}", "", text)
    assert text.endswith("\n")
    assert text == "\n".join(line.rstrip() for line in text.strip("\n").split("\n")) + "\n"


@pytest.mark.parametrize("source", [TYPICAL, LONG], ids=["typical", "long"])
@every_text
def test_emails_render_with_every_value_in_text_and_page(
    message: Message, language: str, source: dict[str, str]
) -> None:
    """The subject is one line that says nothing of the service."""
    mail = rendered(message, language, source)

    assert "\n" not in mail.subject
    assert 10 <= len(mail.subject) <= 78
    assert placeholders(read(message, language, "subject.txt")) <= {"when"}
    for value in values_of(message.fields | message.each, source, WHEN[language]).values():
        assert value.strip() in mail.text
        assert value.strip() in mail.html


@every_text
def test_the_page_loads_nothing_and_links_only_to_the_one_page(message: Message, language: str) -> None:
    """Of each appointment, if any. No remote picture, style, font or script: opening a message tells nobody."""
    page = rendered(message, language, TYPICAL).html
    links = 2 if message.each else len(message.fields & {"link", "manage_link"})

    assert re.findall(r"https?://[^\"<\s]+", page) == [TYPICAL["link"]] * links
    assert page.count("href=") == links
    assert not re.search(r"<(img|script|link|iframe|object|embed|svg|form|video|audio|base)\b|url\(|@import|src=", page)
    assert "<style" not in page


@every_text
def test_the_page_is_well_formed_and_takes_its_colours_from_the_reader(message: Message, language: str) -> None:
    """Every element is closed, and no fixed text or background colour spoils a dark screen."""
    page = rendered(message, language, TYPICAL).html

    open_elements: list[str] = []
    for closing, element in re.findall(r"<(/?)([a-z]+)\b[^>]*>", page):
        if closing:
            assert open_elements.pop() == element
        elif element not in {"meta", "br"}:
            open_elements.append(element)
    assert open_elements == []
    assert '<meta name="color-scheme" content="light dark">' in page
    assert not re.search(r"background|(?<![-a-z])color: (?!inherit)", page)


@every_text
def test_the_page_says_what_the_plain_text_says(message: Message, language: str) -> None:
    """Every paragraph of the page, but for the button, stands in the plain text too."""
    mail = rendered(message, language, TYPICAL)
    squeezed = " ".join(mail.text.split())

    body = re.sub(r"<p [^>]*><a .*?</p>|<head>.*?</head>", "", mail.html, flags=re.DOTALL)
    paragraphs = re.findall(r"<(?:p|td)[^>]*>(.*?)</(?:p|td)>", body, flags=re.DOTALL)
    assert len(paragraphs) >= 6
    for paragraph in paragraphs:
        assert " ".join(unescape(re.sub(r"<br>", " ", paragraph)).split()) in squeezed


@pytest.mark.parametrize("name", BY_SMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_text_messages_fit_one_segment_and_never_more_than_declared(name: str, language: str) -> None:
    """Typical values take one, long ones at most what the catalogue says; time and link stay whole."""
    message = message_named(name)
    typical = render_sms(name, language, sample(message, TYPICAL, WHEN[language]), fallback=language)
    long = render_sms(name, language, sample(message, LONG, WHEN_LONG[language]), fallback=language)

    assert count(typical).segments == 1
    assert count(long).segments <= message.sms_segments == 2
    assert WHEN_LONG[language] in long
    assert message.each or long.endswith(LONG["manage_link"])


@pytest.mark.parametrize("name", BY_SMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_text_messages_stay_in_the_narrow_alphabet_and_tell_no_more_than_needed(name: str, language: str) -> None:
    """They are shown on locked screens: who, when, and a link; several appointments have too many for one text."""
    message = message_named(name)
    text = read(message, language, "sms.txt")

    assert is_gsm(text)
    assert placeholders(text) == {"business", "when"} | (set() if message.each else {"manage_link"})
