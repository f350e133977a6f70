"""What the rows of somebody else's table mean: which column is what, who is in a row, and what is wrong with it."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.email_address import normalise_email
from chalicelib.domain.names import fold, words
from chalicelib.domain.phone import normalise_phone
from chalicelib.domain.seen import is_seen

LONGEST_NAME = 100
_COMPUTED = ("=", "#")  # a formula, or the error that one came to: #N/A, #REF!, #NV
_BARE_CODE = re.compile(r"(?:41|49)[1-9][0-9]{7,12}")  # a number that lost its + in a cell for numbers


class Meaning(Enum):
    """What a column can be taken for; all others are left behind."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    FULL_NAME = "full_name"
    EMAIL = "email"
    PHONE = "phone"
    LANGUAGE = "language"


_HEADINGS: Mapping[Meaning, str] = {
    Meaning.GIVEN_NAME: "vorname rufname firstname givenname forename prenom nome nomedibattesimo",
    Meaning.FAMILY_NAME: "nachname familienname zuname name lastname familyname surname nom nomdefamille cognome",
    Meaning.FULL_NAME: "fullname displayname vollstandigername namevorname vornamename nomcomplet nomecompleto"
    " nomprenom cognomenome kunde kundin patient patientin customer client cliente paziente fn",
    Meaning.EMAIL: "email mail emailadresse mailadresse emailaddress courriel adresseemail adresseelectronique"
    " postaelettronica indirizzoemail email1 email1value",
    Meaning.PHONE: "mobile mobil handy natel mobiltelefon mobiltelefonnummer mobilephone cellphone cellulare portable"
    " telmobile telefon telefonnummer tel rufnummer nummer phone phonenumber telephone numerodetelephone telefono"
    " numeroditelefono phone1value",
    Meaning.LANGUAGE: "sprache language langue lingua korrespondenzsprache",
}
_LANGUAGES = {
    "d": "de",
    "de": "de",
    "deutsch": "de",
    "german": "de",
    "allemand": "de",
    "tedesco": "de",
    **dict.fromkeys(("e", "en", "englisch", "english", "anglais", "inglese"), "en"),
    **dict.fromkeys(("f", "fr", "franzosisch", "french", "francais", "francese"), "fr"),
    **dict.fromkeys(("i", "it", "italienisch", "italian", "italien", "italiano"), "it"),
}


@dataclass(frozen=True)
class Problem:
    """What is wrong in one row. `column` is its number, from 0; None: the row as a whole. A hint hinders nothing."""

    row: int
    column: int | None
    what: str
    remedy: str
    hint: bool = False


@dataclass(frozen=True)
class Entry:
    """Who is in a row, normalised."""

    row: int
    given_name: str
    family_name: str
    email: str | None
    phone: str | None
    language: str


@dataclass(frozen=True)
class Reading:
    """How rows are read: what each column means, in which language those without one are written to, and where."""

    columns: Sequence[Meaning | None]
    language: str
    country: str


def suggested(headings: Sequence[str]) -> list[Meaning | None]:
    """What the columns seem to mean, by headings in German, English, French and Italian; each meaning once."""
    named = {fold(word): meaning for meaning, known in _HEADINGS.items() for word in known.split()}
    found = [named.get(fold("".join(words(each)))) for each in headings]
    if Meaning.GIVEN_NAME not in found:  # then a column "Name" holds both
        found = [Meaning.FULL_NAME if each is Meaning.FAMILY_NAME else each for each in found]
    return [each if each not in found[:number] else None for number, each in enumerate(found)]


def read(rows: Sequence[Sequence[str]], reading: Reading, *, first: int) -> tuple[list[Entry], list[Problem]]:
    """Who is in the rows, numbered from `first`, and what is wrong with them. What is there twice is taken once."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    seen: dict[object, int] = {}
    for number, cells in enumerate(rows, first):
        if not any(each.strip() for each in cells):
            continue
        row = _Row(number, cells, reading)
        entry = row.entry()
        twice = next((seen[each] for each in _marks(entry) if each in seen), None) if entry else None
        if entry and twice is not None:
            row.refuse(None, f"is the same person as row {twice}", "Nothing to do: they are taken over once.")
        elif entry:
            entries.append(entry)
            seen |= dict.fromkeys(_marks(entry), number)
        problems += row.problems
    return entries, problems


def _marks(entry: Entry) -> list[object]:
    """By what somebody is known within one file: the address, or name and number together."""
    name = frozenset(words(entry.given_name, entry.family_name))
    marks: list[object] = [entry.email.casefold()] if entry.email else []
    return [*marks, (name, entry.phone)] if entry.phone or not entry.email else marks


class _Row:
    def __init__(self, number: int, cells: Sequence[str], reading: Reading) -> None:
        self.problems: list[Problem] = []
        self._number, self._reading = number, reading
        self._at = {meaning: at for at, meaning in enumerate(reading.columns) if meaning}
        self._cells = {meaning: _tidy(cells[at]) if at < len(cells) else "" for meaning, at in self._at.items()}

    def entry(self) -> Entry | None:
        given, family = self._names()
        email = self._read(Meaning.EMAIL, normalise_email, "is no e-mail address", "Mend it, or empty the cell.")
        phone = self._read(Meaning.PHONE, self._phone, "is no phone number", "Write it with +41 or +49, or empty it.")
        if any(not each.hint for each in self.problems):
            return None
        return Entry(self._number, given, family, email, phone, self._language())

    def refuse(self, column: int | None, what: str, remedy: str, *, hint: bool = False) -> None:
        self.problems.append(Problem(self._number, column, what, remedy, hint))

    def _names(self) -> tuple[str, str]:
        given, family = (self._cells.get(each, "") for each in (Meaning.GIVEN_NAME, Meaning.FAMILY_NAME))
        if not given and not family:
            given, family = _parted(self._cells.get(Meaning.FULL_NAME, ""))
        for meaning, name in ((Meaning.GIVEN_NAME, given), (Meaning.FAMILY_NAME, family)):
            self._check_name(self._at.get(meaning, self._at.get(Meaning.FULL_NAME)), name)
        return given, family

    def _check_name(self, at: int | None, name: str) -> None:
        if not name:
            self.refuse(at, "lacks a part of the name", "Give both given and family name.")
        elif name.startswith(_COMPUTED):
            self.refuse(at, "holds a formula", "Save the file with values instead of formulas.")
        elif len(name) > LONGEST_NAME or not is_seen(name):
            self.refuse(at, "is no name", f"Write at most {LONGEST_NAME} characters, all of which can be seen.")

    def _read(self, meaning: Meaning, normalise: Callable[[str], str], what: str, remedy: str) -> str | None:
        cell = self._cells.get(meaning, "")
        if cell.startswith(_COMPUTED):
            self.refuse(self._at[meaning], "holds a formula", "Save the file with values instead of formulas.")
            return None
        try:
            return normalise(cell) if cell else None
        except ValueError:
            self.refuse(self._at[meaning], what, remedy)
            return None

    def _phone(self, cell: str) -> str:
        return normalise_phone(f"+{cell}" if _BARE_CODE.fullmatch(cell) else cell, self._reading.country)

    def _language(self) -> str:
        cell = fold(self._cells.get(Meaning.LANGUAGE, ""))[:20]
        known = _LANGUAGES.get(cell.split("-")[0])
        if cell and known is None:
            self.refuse(
                self._at[Meaning.LANGUAGE],
                "is no language that messages are written in",
                "Nothing to do: they are written to in the language that was chosen for all others.",
                hint=True,
            )
        return known or self._reading.language


def _tidy(cell: str) -> str:
    return unicodedata.normalize("NFC", cell).strip()


def _parted(name: str) -> tuple[str, str]:
    """Given and family name out of one: `Muster, Anna`, or the last word is the family's."""
    family, comma, given = name.partition(",")
    if not comma:
        given, _, family = name.rpartition(" ")
    return given.strip(), family.strip()
