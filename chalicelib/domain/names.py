"""Names as people look for them: spelled with or without umlauts and accents, by the beginning of any of their words.

Folding is the same for what is stored and for what is typed, letter by letter from the left. So the folded beginning of
a name is always a beginning of the folded name, wherever the typing stopped.
"""

import re
import unicodedata
from collections.abc import Iterable

FEWEST_LETTERS = 2
_SPREAD = re.compile("([aou])e")
_BETWEEN = re.compile(r"[^\w]+|_+")


def fold(text: str) -> str:
    """Lower case without marks: ß is ss, and ä, ae and a are one letter, as are ö, oe, o and ü, ue, u."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    # Folding the case may bring marks back, as that of the Turkish capital I with a dot does.
    bare = "".join(each for each in unicodedata.normalize("NFKD", plain.casefold()) if not unicodedata.combining(each))
    return _SPREAD.sub(r"\1", bare)


def words(*names: str) -> list[str]:
    """The folded words of names, each once: what stands between spaces, hyphens, dots and apostrophes."""
    return list(dict.fromkeys(word for name in names for word in _BETWEEN.split(fold(name)) if word))


def openings(given_name: str, family_name: str, *, most: int) -> list[str]:
    """The first two letters of the words by which somebody is looked for.

    Those are the last word of the family's name (Arx of von Arx), the first one of their own, then all others in turn.
    """
    family, own = words(family_name), words(given_name)
    in_turn = [*family[-1:], *own[:1], *family[:-1], *own[1:]]
    begun = (word[:FEWEST_LETTERS] for word in in_turn if len(word) >= FEWEST_LETTERS)
    return list(dict.fromkeys(begun))[:most]


def fits(asked: Iterable[str], *names: str) -> bool:
    """Whether each of the folded words begins one of the words of the names."""
    held = words(*names)
    return all(any(word.startswith(each) for word in held) for each in asked)
