"""Makes values safe to stand in one line: of a mail header, a text message, a calendar property.

A line break in a name would otherwise start a header or a property of the writer's choosing, and a direction override
would show a link or a name other than it is.
"""

import unicodedata

from chalicelib.messages.sms_segments import is_gsm

_CONTROL = "Cc"
_DIRECTIONS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SURROGATE = "Cs"
_GSM_STAND_INS = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‹": "'", "›": "'"}
    | {"‐": "-", "‑": "-", "–": "-", "—": "-", "•": "-", "·": "-", "´": "'", "`": "'"}
    | {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "œ": "oe", "Œ": "OE", "ı": "i"}
)


def one_line(text: str) -> str:
    """`text` with line breaks and control characters turned into spaces, and runs of white space into one."""
    kept = (_harmless(character) for character in text)
    return " ".join("".join(kept).split())


def many_lines(text: str) -> str:
    """`text` with every kind of line break as a line feed and each line cleaned."""
    return "\n".join(one_line(line) for line in text.splitlines())


def for_sms(text: str) -> str:
    """`text` in the alphabet of text messages where a letter has a plain cousin there: "François" -> "Francois".

    One letter outside that alphabet would more than halve the room. What has no cousin, such as Cyrillic, stays.
    """
    composed = unicodedata.normalize("NFC", one_line(text)).translate(_GSM_STAND_INS)
    return "".join(_gsm(character) for character in composed)


def _harmless(character: str) -> str:
    category = unicodedata.category(character)
    if category == _CONTROL:
        return " "
    return "" if character in _DIRECTIONS or category == _SURROGATE else character


def _gsm(character: str) -> str:
    if is_gsm(character):
        return character
    decomposed = unicodedata.normalize("NFKD", character)
    plain = "".join(part for part in decomposed if not unicodedata.combining(part))
    return plain if is_gsm(plain) else character
