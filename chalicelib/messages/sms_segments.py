"""How many segments a text message takes, and so what it costs (3GPP TS 23.038 and 23.040).

A text of the 7-bit alphabet has 160 septets in one segment, 153 in each of several; any other text is sent as UTF-16
with 70 or 67 code units. Characters of two units (the extension table, surrogate pairs) are never split, which can
leave a unit of a segment unused.
"""

from dataclasses import dataclass
from typing import Literal

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
_GSM = _BASIC | _EXTENSION


@dataclass(frozen=True)
class Segments:
    """What a text takes: `units` are septets or UTF-16 code units, without what is left unused."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    segments: int


def is_gsm(text: str) -> bool:
    """Whether every character of `text` is in the 7-bit alphabet or its extension table."""
    return _GSM.issuperset(text)


def count(text: str) -> Segments:
    """The encoding that `text` needs, its length in units of that, and its segments (an empty text takes one)."""
    if is_gsm(text):
        widths = [2 if character in _EXTENSION else 1 for character in text]
        return Segments("GSM-7", sum(widths), _segments(widths, alone=160, joined=153))
    widths = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return Segments("UCS-2", sum(widths), _segments(widths, alone=70, joined=67))


def _segments(widths: list[int], *, alone: int, joined: int) -> int:
    if sum(widths) <= alone:
        return 1
    segments, room = 1, joined
    for width in widths:
        if width > room:
            segments, room = segments + 1, joined
        room -= width
    return segments
