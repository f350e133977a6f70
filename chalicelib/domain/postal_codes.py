"""Postal codes: what is one in which country. Where nothing is known of a country, whatever could be one is."""

import re
from collections.abc import Mapping

_ANY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 -]{0,10}[A-Za-z0-9])")

_FORMS: Mapping[str, re.Pattern[str]] = {
    "CH": re.compile(r"[1-9][0-9]{3}"),
    "LI": re.compile(r"94(?:8[5-9]|9[0-8])"),
    "DE": re.compile(r"(?!00000)[0-9]{5}"),
    "AT": re.compile(r"[1-9][0-9]{3}"),
    "FR": re.compile(r"(?!00)[0-9]{5}"),
    "IT": re.compile(r"[0-9]{5}"),
}
_HIGHEST = {"CH": "9699"}


def is_postal_code(text: str, country: str) -> bool:
    """Whether `text` can be a postal code of the country (two letters, ISO 3166-1)."""
    if _FORMS.get(country, _ANY).fullmatch(text) is None:
        return False
    return text <= _HIGHEST.get(country, text)
