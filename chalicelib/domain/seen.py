"""What can be seen of a text: a name of nothing but blanks could pass for another, and a control break a header."""

import unicodedata

# Controls, and what is invisible or turns the direction of writing.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# Letters, marks and a sign by their category, and blank all the same: a joiner, fillers, Braille's space.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def is_seen(line: str) -> bool:
    """Whether all characters of a line can be seen, or are spaces that everybody knows for such."""
    return not any(letter in _BLANK or unicodedata.category(letter) in _UNSEEN for letter in line)
