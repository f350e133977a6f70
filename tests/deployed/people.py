"""People who exist in one test only, and the memory of everything personal that tests sent to the deployed stack.

Names, addresses and numbers are never used twice, so that a value found where it does not belong tells who lost it.
"""

import base64
import json
import uuid
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus

ADDRESS_V4 = "198.51.100.77"
ADDRESS_V6 = "2001:db8:4a5b:6c7d::9e8f"
KNOWN: set[str] = {ADDRESS_V4, ADDRESS_V6}
"""Every personal value that was sent in this process."""


def _letters() -> str:
    """Twelve letters that nobody has had before."""
    return "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex[:12])


def _remember(value: str) -> str:
    KNOWN.add(value)
    return value


@dataclass(frozen=True)
class Person:
    """A customer, or the owner of a business."""

    language: str = "de"
    zone: str = "Europe/Zurich"
    mark: str = field(default_factory=_letters)

    @property
    def given_name(self) -> str:
        """With a letter beyond ASCII, as real names have."""
        return _remember(f"Jürg{self.mark}")

    @property
    def family_name(self) -> str:
        """Hers or his alone."""
        return _remember(f"Caduff{self.mark[::-1]}")

    @property
    def email(self) -> str:
        """An address in a domain that can't exist."""
        return _remember(f"{self.mark}@kundin.example")

    @property
    def phone(self) -> str:
        """A mobile number in E.164."""
        return _remember(f"+4179{int.from_bytes(self.mark.encode(), 'big') % 10**7:07}")

    def customer(self, **changes: Any) -> dict[str, Any]:
        """What a customer gives when booking."""
        names = ("given_name", "family_name", "email", "phone", "language", "zone")
        return {**{name: getattr(self, name) for name in names}, **changes}

    def owner(self, **changes: Any) -> dict[str, Any]:
        """What a business gives to register."""
        place = {
            "company": _remember(f"Praxis {self.mark[:6]}"),
            "street": _remember(f"Weg{self.mark} 12"),
            "postal_code": "8002",
            "city": _remember(f"Ort{self.mark[::-1]}"),
            "country": "CH",
        }
        return {**self.customer(), **place, **changes}


def text_of(value: Any) -> str:
    """Anything that a client of AWS returned, as one text: bytes as they are and read as UTF-8, nested or not."""
    if isinstance(value, dict):
        return "\n".join(f"{text_of(key)} {text_of(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple | set):
        return "\n".join(map(text_of, value))
    if isinstance(value, bytes):
        return f"{value.decode('latin-1')}\n{value.decode('utf-8', 'replace')}"
    return str(value)


def found(values: set[str], text: str) -> list[str]:
    """Those of `values` that stand in `text`: plain, in any case, escaped, in hexadecimal or in base64."""
    folded = text.casefold()
    at_folded, at_text = _pieces(folded), _pieces(text)
    return sorted(
        value
        for value in values
        if _plain(value).stand_in(folded, at_folded) or _in_base64(value).stand_in(text, at_text)
    )


_LONG, _EVERY = 8, 4


def _pieces(text: str) -> set[str]:
    """Eight characters at every fourth place: what stands in the text begins at most three before one of them."""
    return {text[at : at + _LONG] for at in range(0, len(text), _EVERY)}


class _Spellings:
    """What a value looks like. Thousands are looked for in megabytes: pieces of the text rule nearly all out."""

    def __init__(self, spellings: set[str]) -> None:
        self._spellings = spellings
        self._first = {spelling[at : at + _LONG] for spelling in spellings for at in range(_EVERY)}
        self._all_long = all(len(spelling) >= _LONG + _EVERY - 1 for spelling in spellings)

    def stand_in(self, text: str, pieces: set[str]) -> bool:
        """Whether one of them does."""
        if self._all_long and pieces.isdisjoint(self._first):
            return False
        return any(spelling in text for spelling in self._spellings)


def _cases(value: str) -> set[str]:
    return {value, value.lower(), value.upper(), value.casefold()}


@cache
def _plain(value: str) -> _Spellings:
    plain = {value, json.dumps(value)[1:-1], quote(value), quote_plus(value), value.encode().decode("latin-1")}
    plain |= {each.encode().hex() for each in _cases(value)}
    return _Spellings({form.casefold() for form in plain})


@cache
def _in_base64(value: str) -> _Spellings:
    return _Spellings({piece for each in _cases(value) for piece in _base64(each.encode())})


def _base64(raw: bytes) -> set[str]:
    """What is surely seen of `raw` within something encoded, whatever stands before and behind it."""
    pieces = set()
    for before, uncertain in ((0, 0), (1, 2), (2, 3)):
        whole = (before + len(raw)) // 3 * 4
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            pieces.add(encode(bytes(before) + raw).decode()[uncertain:whole])
    return pieces
