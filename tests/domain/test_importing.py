"""What is in somebody else's table, and what is wrong with it."""

import pytest

from chalicelib.domain import delimited, vcards
from chalicelib.domain.importing import Meaning, Reading, read, suggested

G, F, N, E, P, L = Meaning
READING = Reading([G, F, E, P, L], "de", "CH")


@pytest.mark.parametrize(
    ("headings", "meant"),
    [
        (["Vorname", "Name", "E-Mail-Adresse", "Mobiltelefon", "Geburtsdatum"], [G, F, E, P, None]),
        (["First name", "Surname", "E-mail", "Phone number", "Language"], [G, F, E, P, L]),
        (["Prénom", "Nom", "Courriel", "Téléphone", "Langue"], [G, F, E, P, L]),
        (["Nome", "Cognome", "Indirizzo e-mail", "Telefono", "Lingua"], [G, F, E, P, L]),
        (["Name", "E-Mail"], [N, E]),
        (["Vorname", "Nachname", "Handy", "Telefon"], [G, F, P, None]),
    ],
    ids=["german", "english", "french", "italian", "one-name", "two-numbers"],
)
def test_columns_are_known_by_their_headings(headings: list[str], meant: list[Meaning | None]) -> None:
    """In four languages; of two with one meaning the first. What is not needed is left behind."""
    assert suggested(headings) == meant


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        (["", "Muster", "", "", ""], 0, "lacks a part"),
        (["Anna", "", "", "", ""], 1, "lacks a part"),
        (["=A1", "Muster", "", "", ""], 0, "formula"),
        (["A" * 101, "Muster", "", "", ""], 0, "no name"),
        (["An\u202ena", "Muster", "", "", ""], 0, "no name"),
        (["\u3164", "Muster", "", "", ""], 0, "no name"),
        (["#N/A", "Muster", "", "", ""], 0, "formula"),
        (["Anna", "Muster", "anna@", "", ""], 2, "no e-mail"),
        (["Anna", "Muster", '=HYPERLINK("x")', "", ""], 2, "formula"),
        (["Anna", "Muster", "", "12", ""], 3, "no phone"),
        (["Anna"], 1, "lacks a part"),
    ],
    ids=[
        "given",
        "family",
        "formula",
        "long",
        "unseen",
        "blank",
        "failed-formula",
        "address",
        "formula-address",
        "number",
        "short-row",
    ],
)
def test_what_is_wrong_names_row_and_column(row: list[str], column: int, problem: str) -> None:
    """The row is left behind; the one below it is not."""
    entries, problems = read([row, ["Bea", "Kunz", "", "", ""]], READING, first=2)

    assert [(each.row, each.column) for each in problems] == [(2, column)]
    assert problem in problems[0].what
    assert [each.row for each in entries] == [3]


def test_a_row_gives_one_form_of_everything() -> None:
    """Numbers as at home, addresses in one form, languages that messages are written in; others are a hint."""
    rows = [
        ["Anna", "Muster", " Anna@KUNDIN.example ", "079 555 01 23", "English"],
        [],
        ["Bea", "Kunz", "", "41795550124", "es-ES"],
    ]

    (anna, bea), problems = read(rows, READING, first=2)

    assert (anna.email, anna.phone, anna.language) == ("Anna@kundin.example", "+41795550123", "en")
    assert (bea.row, bea.phone, bea.language) == (4, "+41795550124", "de")
    assert [(each.row, each.hint) for each in problems] == [(4, True)]


@pytest.mark.parametrize(
    ("cell", "language"),
    [("Deutsch", "de"), ("EN-gb", "en"), ("fr-CH", "fr"), ("Français", "fr"), ("Italienisch", "it"), ("i", "it")],
    ids=["german", "tag", "french-tag", "french", "italian-in-german", "letter"],
)
def test_everybody_is_written_to_in_their_language(cell: str, language: str) -> None:
    """Of those that messages are written in."""
    (entry,), problems = read([["Anna", "Muster", "", "", cell]], Reading([G, F, E, P, L], "en", "CH"), first=2)

    assert (entry.language, problems) == (language, [])


@pytest.mark.parametrize(
    ("second", "twice"),
    [
        (["Annie", "Muster", "ANNA@kundin.example", "", ""], True),
        (["Muster", "Anna", "", "0795550123", ""], True),
        (["Lena", "Muster", "", "0795550123", ""], False),
        (["Anna", "Muster", "other@kundin.example", "", ""], False),
    ],
    ids=["address", "name-and-number", "family", "other-address"],
)
def test_the_same_person_is_taken_once(second: list[str], twice: bool) -> None:
    """By the address, or by name and number; a family's number alone says nothing."""
    first = ["Anna", "Muster", "anna@kundin.example", "0795550123", ""]

    entries, problems = read([first, second], READING, first=2)

    assert (len(entries), len(problems)) == ((1, 1) if twice else (2, 0))
    assert not twice or "row 2" in problems[0].what


@pytest.mark.parametrize(
    ("name", "parts"),
    [("Anna Maria Muster", ("Anna Maria", "Muster")), ("Muster, Anna", ("Anna", "Muster"))],
    ids=["spoken", "listed"],
)
def test_one_name_is_parted(name: str, parts: tuple[str, str]) -> None:
    """As it is spoken, or as it stands in lists."""
    (entry,), _ = read([[name]], Reading([N], "de", "CH"), first=2)

    assert (entry.given_name, entry.family_name) == parts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"], ids=["semicolon", "comma", "tab", "bar"])
def test_tables_are_read_however_they_were_written(encoding: str, delimiter: str) -> None:
    """A delimiter within quotes is none."""
    lines = [["Vorname", "Name", "Ort"], ["Zoë", "Müller", "Bern, West; oben"], ["Jürg", 'Ku"nz', "Zürich"]]
    text = "\r\n".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)

    assert delimited.rows(delimited.decoded(text.encode(encoding))) == lines


def test_excel_may_name_the_delimiter() -> None:
    """Its line counts as one."""
    assert delimited.rows("sep=|\r\na|b\r\n1;2|3\r\n") == [[], ["a", "b"], ["1;2", "3"]]


@pytest.mark.parametrize("break_", ["\x0b", "\x0c", "\x85", "\u2028"], ids=["tab", "page", "next", "line"])
def test_only_a_line_end_ends_a_row(break_: str) -> None:
    """What else Unicode calls one stands within cells: programs write it for a line that a person broke there."""
    assert delimited.rows(f"Vorname;Name\nAnna{break_}Maria;Muster\rBea;Kunz\r\n") == [
        ["Vorname", "Name"],
        [f"Anna{break_}Maria", "Muster"],
        ["Bea", "Kunz"],
    ]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a\x00b", b'"' + b"x" * 140_000], ids=["utf16", "nul", "quote"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    """Without repeating what was in it."""
    with pytest.raises(ValueError, match=r"encoding|no text|too long"):
        delimited.rows(delimited.decoded(content))


CARDS = """BEGIN:VCARD\r
VERSION:3.0\r
N:M\\;üller;Zoë;;;\r
FN:Zoë Müller\r
TEL;TYPE=WORK:+41 44 555 01 00\r
item1.TEL;TYPE=CELL,VOICE:+41 79 555\r
  07 77\r
EMAIL;TYPE=INTERNET:zoe@kundin.example\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:4.0\r
FN:Bea Kunz\r
TEL;VALUE=uri;PREF=1:tel:+41795550124\r
LANG;PREF=1:en\r
END:VCARD\r
"""


def test_cards_are_read_line_by_line() -> None:
    """Folded lines, groups, escaped signs, the mobile or preferred number."""
    assert vcards.is_cards(CARDS)
    assert vcards.people(CARDS) == [
        ["Zoë", "M;üller", "Zoë Müller", "zoe@kundin.example", "+41 79 555 07 77", ""],
        ["", "", "Bea Kunz", "", "+41795550124", "en"],
    ]


@pytest.mark.parametrize(
    "marks",
    [("PREF=2", "PREF=1"), ("TYPE=HOME", "TYPE=home,pref"), ("TYPE=x", 'PREF="1"')],
    ids=["numbers", "type", "quoted"],
)
def test_of_several_addresses_the_most_preferred_counts(marks: tuple[str, str]) -> None:
    """The one with the smallest number (RFC 6350, 5.3), or the one that vCard 3 says it of."""
    lines = "".join(f"EMAIL;{mark}:{name}@kundin.example\r\n" for mark, name in zip(marks, "ab", strict=True))

    ((*_, email, _, _),) = vcards.people(f"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:A B\r\n{lines}END:VCARD\r\n")

    assert email == "b@kundin.example"


def test_old_cards_are_refused() -> None:
    """Version 2.1 is written otherwise: half of it would be read wrongly."""
    with pytest.raises(ValueError, match=r"3\.0 and 4\.0"):
        vcards.people(CARDS.replace("4.0", "2.1"))
