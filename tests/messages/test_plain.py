"""Values made safe for one line, for several lines, and for text messages."""

import pytest

from chalicelib.messages.plain import for_sms, many_lines, one_line
from chalicelib.messages.sms_segments import is_gsm


@pytest.mark.parametrize(
    "separator", ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", "\t", "\x00"]
)
def test_whatever_could_break_a_line_becomes_a_space(separator: str) -> None:
    """A name can't start a header of its own."""
    assert one_line(f"Anna{separator}Bcc: x") == "Anna Bcc: x"


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200f", "\ud800"])
def test_direction_overrides_and_stray_surrogates_are_removed(hidden: str) -> None:
    """A text shows what it says, and can be encoded."""
    assert one_line(f"An{hidden}na") == "Anna"


def test_names_of_any_script_stay_as_they_are() -> None:
    """Cleaning touches no letter, and no joiner that an emoji or a script needs."""
    for name in ("Zoë Łukasz", "Ярослав", "山田", "نور", "👩\u200d⚕️", "O'Neill-Ünal"):
        assert one_line(name) == name


def test_runs_of_white_space_become_one_space() -> None:
    """Spaces at the ends go."""
    assert one_line("  Anna \u00a0  Muster ") == "Anna Muster"


def test_many_lines_keeps_the_lines_and_cleans_each() -> None:
    """Every kind of break becomes a line feed."""
    assert many_lines("a\r\nb\x00\u2028c\n\nd ") == "a\nb\nc\n\nd"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Müller & Söhne", "Müller & Söhne"),
        ("Mu\u0308ller", "Müller"),
        ("François", "Francois"),
        ("Žofia’s Café – Łódź", "Zofia's Café - Lódz".replace("ó", "o")),
        ("«Chez Zoë»", '"Chez Zoe"'),
        ("Coiffeur…", "Coiffeur..."),
        ("Praxis\nSeefeld", "Praxis Seefeld"),
    ],
)
def test_letters_get_their_plain_cousin_in_text_messages(value: str, written: str) -> None:
    """The text stays in the alphabet that has the most room."""
    assert for_sms(value) == written
    assert is_gsm(for_sms(value))


def test_what_has_no_plain_cousin_stays_in_text_messages() -> None:
    """A name in another script is better sent in UTF-16 than mangled."""
    for name in ("Ярослав", "山田", "Йога"):
        assert for_sms(name) == name
