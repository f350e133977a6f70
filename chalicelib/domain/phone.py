"""Phone numbers in one form, E.164: as people type them in Switzerland and Germany, or anywhere with a country code."""

import re

_TRUNKS = {"CH": "41", "DE": "49"}
"""Countries whose numbers may be typed without the country code; both put a 0 before the number at home."""

_NATIONAL_DIGITS = {"41": range(9, 10), "49": range(6, 14), "33": range(9, 10)}
"""How many digits follow the country code, no 0 first; Swiss and French numbers all have nine, German ones vary."""

_SEPARATORS = re.compile(r"[ \u00a0\u202f\t./()-]")
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")


def is_e164(text: str) -> bool:
    """Whether `text` is a number in the one form that is stored, sent to providers and compared."""
    return _E164.fullmatch(text) is not None


def is_plausible(text: str) -> bool:
    """Whether `text` is a number in E.164 that can exist, as far as the rules of its country are known here."""
    return is_e164(text) and _fits_its_country(text)


def normalise_phone(text: str, country: str) -> str:
    """The E.164 form; `country` (CH, DE) reads numbers typed without a code. ValueError never repeats the number."""
    compact = _SEPARATORS.sub("", text.strip().replace("(0)", ""))
    if compact.startswith("00"):
        number = "+" + compact[2:]
    elif compact.startswith("0"):
        number = _from_national(compact, country)
    else:
        number = compact
    if not is_e164(number):
        raise ValueError("not a phone number with a country code")
    return _checked_length(number)


def _from_national(compact: str, country: str) -> str:
    code = _TRUNKS.get(country.upper())
    if code is None:
        raise ValueError("give the number with its country code")
    return f"+{code}{compact[1:]}"


def _checked_length(number: str) -> str:
    if not _fits_its_country(number):
        raise ValueError("the number has too few or too many digits for its country")
    return number


def _fits_its_country(number: str) -> bool:
    for code, lengths in _NATIONAL_DIGITS.items():
        national = number[1:].removeprefix(code)
        if national != number[1:] and (len(national) not in lengths or national.startswith("0")):
            return False
    return True
