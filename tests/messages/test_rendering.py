"""Texts filled with values: escaping, header injection, fallbacks, errors without values."""

import os
from pathlib import Path

import pytest

from chalicelib.messages.catalogue import LANGUAGES, choose_language, message_named
from chalicelib.messages.rendering import RenderedEmail, render_email, render_sms
from chalicelib.messages.sms_segments import count

LINK = "https://api.example.ch/a/0Aa_-" + "x" * 60


def values(**changed: str) -> dict[str, str]:
    """What a confirmation takes."""
    return {
        "given_name": "Anna",
        "family_name": "Muster",
        "business": "Praxis Seefeld",
        "service": "Beratung",
        "expert": "Reto Müller",
        "when": "Mo 30.11.2026 14:30",
        "zone": "Europe/Zurich",
        "where": "Seestrasse 12, 8008 Zürich",
        "manage_link": LINK,
        "business_contact": "044 123 45 67",
    } | changed


def confirmation(language: str = "de", **changed: str) -> str:
    """The text message of a confirmation."""
    return render_sms("appointment-confirmed", language, values(**changed), fallback="de")


def test_an_email_has_subject_text_and_page() -> None:
    """All three are filled, and the page is wrapped by the layout."""
    mail = render_email("appointment-confirmed", "de", values(), fallback="en")

    assert mail.subject == "Ihr Termin ist bestätigt: Mo 30.11.2026 14:30"
    assert mail.text.startswith("Guten Tag Anna Muster\n\nIhr Termin bei Praxis Seefeld ist bestätigt.\n")
    assert f"\n{LINK}\n" in mail.text
    assert mail.html.startswith('<!doctype html>\n<html lang="de">')
    assert f"<title>{mail.subject}</title>" in mail.html
    assert "${" not in mail.subject + mail.text + mail.html


def test_the_footer_says_who_sends_and_why_in_text_and_page() -> None:
    """Messages about appointments come from the business, those to staff from the product."""
    mail = render_email("appointment-reminder", "en", values(), fallback="de")
    staff_values = {"given_name": "Anna", "link": LINK, "valid_minutes": "15"}
    sign_in = render_email("sign-in-link", "en", staff_values, fallback="de")

    for body in (mail.text, mail.html):
        assert "on behalf of Praxis Seefeld because an appointment was made" in body
    for body in (sign_in.text, sign_in.html):
        assert "sent by Zusage because it was requested" in body


def test_a_text_message_names_no_service_and_no_person() -> None:
    """It is shown on locked screens and travels unencrypted."""
    text = confirmation(given_name="Xaver", family_name="Yersin", service="Suchtberatung", expert="Zita")

    assert text == f"Praxis Seefeld: Termin bestätigt, Mo 30.11.2026 14:30. {LINK}"


def test_values_are_escaped_in_the_page_and_only_there() -> None:
    """A name is text, never markup; in an attribute neither."""
    mail = render_email(
        "appointment-confirmed",
        "de",
        values(business="<b>\"A\" & 'B'</b>", manage_link=LINK + "?a=1&b=2"),
        fallback="de",
    )

    assert "<b>\"A\" & 'B'</b>" in mail.text
    assert "&lt;b&gt;&quot;A&quot; &amp; &#x27;B&#x27;&lt;/b&gt;" in mail.html
    assert "<b>" not in mail.html
    assert f'<a href="{LINK}?a=1&amp;b=2"' in mail.html


def test_a_value_in_the_subject_is_escaped_in_the_title() -> None:
    """The title is part of the page."""
    mail = render_email("appointment-confirmed", "de", values(when="</title><i>"), fallback="de")

    assert mail.subject.endswith("</title><i>")
    assert mail.html.count("</title>") == 1
    assert "<i>" not in mail.html


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\u2028", "\x85", "\x00", "\v"])
def test_no_value_can_break_a_subject_or_a_text_message(break_: str) -> None:
    """What follows a line break would be a header of the writer's choosing."""
    wicked = f"Praxis{break_}Bcc: all@example.org"
    mail = render_email("appointment-confirmed", "de", values(when=wicked), fallback="de")

    assert mail.subject == "Ihr Termin ist bestätigt: Praxis Bcc: all@example.org"
    assert confirmation(business=wicked).startswith("Praxis Bcc: all@example.org: Termin")


def test_a_placeholder_in_a_value_is_not_filled() -> None:
    """One person's value can't pull in another value."""
    wicked = "${manage_link} ${body} ${nothing} $when"
    mail = render_email("appointment-confirmed", "de", values(given_name=wicked), fallback="de")

    assert f"Guten Tag {wicked} Muster" in mail.text
    assert f"Guten Tag {wicked} Muster" in mail.html


@pytest.mark.parametrize(
    ("language", "fallback", "chosen"),
    [
        ("de", "en", "de"),
        ("en", "de", "en"),
        ("de-CH", "en", "de"),
        ("EN_gb", "de", "en"),
        ("fr", "de", "fr"),
        ("it_CH", "de", "it"),
        ("rm", "de", "de"),
        ("rm", "fr-CH", "fr"),
        ("", "en", "en"),
        ("deutsch", "en", "en"),
    ],
)
def test_an_unknown_language_falls_back_to_the_tenants(language: str, fallback: str, chosen: str) -> None:
    """A regional form counts as its language."""
    assert choose_language(language, fallback=fallback) == chosen
    assert f'lang="{chosen}"' in render_email("appointment-confirmed", language, values(), fallback=fallback).html


def test_without_texts_in_the_fallback_nothing_is_rendered() -> None:
    """Guessing a language would hide that the tenant's settings are wrong."""
    with pytest.raises(ValueError, match="fallback"):
        render_email("appointment-confirmed", "rm", values(), fallback="es")


@pytest.mark.parametrize("field", sorted(values()))
def test_a_missing_value_is_named(field: str) -> None:
    """By its placeholder, for every placeholder and channel."""
    incomplete = {name: value for name, value in values().items() if name != field}

    with pytest.raises(ValueError, match=field):
        render_email("appointment-confirmed", "de", incomplete, fallback="de")
    with pytest.raises(ValueError, match=field):
        render_sms("appointment-confirmed", "de", incomplete, fallback="de")


def test_a_surplus_value_is_named_without_its_content() -> None:
    """What a message does not say it is not given."""
    with pytest.raises(ValueError, match="diagnosis") as caught:
        render_email("appointment-confirmed", "de", values(diagnosis="Grippe"), fallback="de")

    assert "Grippe" not in str(caught.value)


@pytest.mark.parametrize(
    "link", ["", "javascript:alert(1)", "//x.ch", LINK + " x", LINK + '"', LINK + "\n", LINK + "é"]
)
def test_a_link_is_a_web_address_and_nothing_else(link: str) -> None:
    """Escaping does not make a script harmless in a link; the error does not repeat it."""
    with pytest.raises(ValueError, match="manage_link") as caught:
        render_email("appointment-confirmed", "de", values(manage_link=link), fallback="de")

    assert not link or link not in str(caught.value)


def of_each(**changed: str) -> dict[str, str]:
    """What is said of each of several appointments."""
    return {name: values(**changed)[name] for name in ("when", "service", "expert", "where", "manage_link")}


def several(*each: dict[str, str], name: str = "appointments-confirmed") -> RenderedEmail:
    """A mail about several appointments."""
    fields = message_named(name).fields
    said = {field: value for field, value in values().items() if field in fields}
    return render_email(name, "de", said, each=each, fallback="de")


def test_a_mail_about_several_appointments_says_the_same_of_each() -> None:
    """Line for line, with everything escaped in the page and nowhere else."""
    mail = several(of_each(service="A & B"), of_each(service="${when}", manage_link=LINK + "?a=1&b=2"))

    assert mail.text.index("Was:   A & B\n") < mail.text.index("Was:   ${when}\n")
    assert f"\n{LINK}\n\nWann:" in mail.text
    assert "A &amp; B" in mail.html
    assert ">${when}<" in mail.html
    assert f'<a href="{LINK}?a=1&amp;b=2"' in mail.html
    assert "${appointments}" not in mail.text + mail.html


def test_what_is_said_of_each_is_checked_as_all_values_are() -> None:
    """There is something of each, with all values and no other, and links are addresses."""
    with pytest.raises(ValueError, match="each appointment"):
        several()
    with pytest.raises(ValueError, match="each appointment"):
        render_email("appointment-confirmed", "de", values(), each=[of_each()], fallback="de")
    with pytest.raises(ValueError, match=r"no value for .*where"):
        several(of_each(), {name: value for name, value in of_each().items() if name != "where"})
    with pytest.raises(ValueError, match="diagnosis"):
        several({**of_each(), "diagnosis": "Grippe"})
    with pytest.raises(ValueError, match=r"manage_link.* is not a web address"):
        several(of_each(manage_link="javascript:alert(1)"))


def test_unknown_names_and_channels_are_refused() -> None:
    """A sign-in link never goes out as a text message."""
    with pytest.raises(KeyError):
        render_email("no-such-message", "de", {}, fallback="de")
    with pytest.raises(ValueError, match="sms"):
        render_sms("sign-in-link", "de", {"given_name": "A", "link": LINK, "valid_minutes": "15"}, fallback="de")


def test_a_long_business_name_is_cut_only_as_far_as_needed() -> None:
    """Up to the last septet of the second segment; time and link stay whole."""
    room = 306 - count(confirmation(business="nn")).units + 2

    for length in (room - 1, room):
        assert confirmation(business="n" * length).startswith("n" * length + ": ")
    cut = confirmation(business="n" * (room + 1))
    assert cut.startswith("n" * (room - 3) + "...: ")
    assert cut.endswith(f"Mo 30.11.2026 14:30. {LINK}")
    assert count(cut).units == 306


def test_a_business_name_in_another_script_is_cut_to_two_segments() -> None:
    """There the room is less than half."""
    text = confirmation(business="Стоматология " * 6, manage_link="https://api.example.ch/a/" + "x" * 22)

    assert count(text).encoding == "UCS-2"
    assert count(text).segments == 2
    assert text.startswith("Стоматология")
    assert "...: Termin bestätigt" in text


@pytest.mark.parametrize(
    ("business", "begins"),
    [("Клиника", "Termin bestätigt"), ("Здоровье Praxis", "Praxis: Termin"), ("診療所", "Termin bestätigt")],
    ids=["cyrillic", "mixed", "chinese"],
)
def test_a_business_name_that_leaves_no_room_is_left_out(business: str, begins: str) -> None:
    """With a link as long as ours are: the message goes, as far as it can be said in letters that take less."""
    text = confirmation(business=business, manage_link="https://api.example.ch/appointment#cancel=" + "x" * 127)

    assert text.startswith(begins)
    assert (count(text).encoding, count(text).segments) == ("GSM-7", 2)


def test_a_link_too_long_for_the_segments_is_refused() -> None:
    """The link is never cut, and the error does not repeat it."""
    with pytest.raises(ValueError, match="too long") as caught:
        confirmation(manage_link=LINK + "y" * 300)

    assert "example" not in str(caught.value)


def test_texts_are_found_from_any_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the platform it is not the project's."""
    monkeypatch.chdir(tmp_path)

    assert os.listdir() == []
    for language in LANGUAGES:
        assert render_email("appointment-confirmed", language, values(), fallback="de").subject


def test_the_calendar_file_is_declared_by_the_message() -> None:
    """A booking or a move invites, a cancellation withdraws, a reminder leaves the calendar alone."""
    methods = {kind: message_named(f"appointment-{kind}").calendar for kind in ("confirmed", "rescheduled")}

    assert methods == {"confirmed": "REQUEST", "rescheduled": "REQUEST"}
    assert message_named("appointment-cancelled").calendar == "CANCEL"
    assert message_named("appointment-reminder").calendar is None
