"""People as address books export them: vCard 3 (RFC 2426) and 4 (RFC 6350), as far as it says who somebody is."""

import re
from collections.abc import Iterator

COLUMNS = ("given_name", "family_name", "full_name", "email", "phone", "language")
_FOLDED = re.compile(r"\r?\n[ \t]")
_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE = re.compile(r"(?:[A-Za-z0-9-]+\.)?(?P<name>[A-Za-z-]+)(?P<params>(?:;(?:[^\":;]|\"[^\"]*\")*)*):(?P<value>.*)")
_ESCAPED = re.compile(r"\\([\\,;:nN])")
_APART = re.compile(r"(?<!\\);")
_PREFERRED = re.compile(r"\bpref(?:=\"?(?P<place>[0-9]{1,3}))?", re.IGNORECASE)  # vCard 4 says in which order
_LAST = 101
_MOBILE = re.compile(r"\b(cell|mobile)\b", re.IGNORECASE)
_KNOWN = frozenset({"3.0", "4.0"})

Line = tuple[str, str, str]  # name, parameters, value


def is_cards(text: str) -> bool:
    """Whether a text begins as cards do."""
    return text.lstrip()[:11].upper() == "BEGIN:VCARD"


def people(text: str) -> list[list[str]]:
    """A row of COLUMNS for each card. ValueError when one is of a version that is written otherwise."""
    return [_person(card) for card in _cards(text)]


def _cards(text: str) -> Iterator[list[Line]]:
    card: list[Line] | None = None
    for line in _LINE_END.split(_FOLDED.sub("", text)):
        found = _LINE.fullmatch(line.strip())
        if found is None:
            continue
        name, value = found["name"].upper(), found["value"].strip()
        if (name, value.upper()) == ("BEGIN", "VCARD"):
            card = []
        elif (name, value.upper()) == ("END", "VCARD") and card is not None:
            yield card
            card = None
        elif card is not None:
            card.append((name, found["params"], value))


def _person(card: list[Line]) -> list[str]:
    if next((value for name, _, value in card if name == "VERSION"), "") not in _KNOWN:
        raise ValueError("only vCard 3.0 and 4.0 are understood")
    names = _APART.split(_best(card, "N"))
    family, given = (_plain(each) for each in [*names, "", ""][:2])
    phone = _plain(_best(card, "TEL")).removeprefix("tel:")
    return [given, family, _plain(_best(card, "FN")), _plain(_best(card, "EMAIL")), phone, _plain(_best(card, "LANG"))]


def _best(card: list[Line], wanted: str) -> str:
    """The value of a property: the preferred one, else a mobile number, else the first."""
    held = [(params, value) for name, params, value in card if name == wanted and value]
    held.sort(key=lambda each: (_place(each[0]), not _MOBILE.search(each[0])))
    return held[0][1] if held else ""


def _place(params: str) -> int:
    found = _PREFERRED.search(params)
    return int(found["place"] or 1) if found else _LAST


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: " " if found.group(1) in "nN" else found.group(1), value).strip()
