"""What may be wrong with an address of mail although one could write to it. Hints for who types, never a refusal."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.throwaway import THROWAWAY

PROVIDERS = (
    *("gmail.com", "googlemail.com", "bluewin.ch", "gmx.ch", "gmx.de", "gmx.net", "gmx.at", "sunrise.ch", "hispeed.ch"),
    *("swissonline.ch", "green.ch", "vtxmail.ch", "hotmail.com", "hotmail.ch", "hotmail.de", "outlook.com"),
    *("outlook.de", "live.com", "live.de", "icloud.com", "yahoo.com", "yahoo.de", "web.de", "t-online.de"),
    *("freenet.de", "arcor.de", "posteo.de", "mailbox.org", "protonmail.com", "protonmail.ch", "proton.me"),
)
"""Where most people in Switzerland and Germany have their address."""

_LOOKALIKES = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


class Doubt(Enum):
    """What looks wrong."""

    TYPO = "typo"
    THROWAWAY = "throw-away"
    MIXED_SCRIPTS = "mixed-scripts"


@dataclass(frozen=True)
class Hint:
    """One doubt; for a slip of the pen with what was probably meant: what stands behind the @."""

    doubt: Doubt
    suggestion: str | None = None


def hints(address: str) -> list[Hint]:
    """The doubts about a normalised address."""
    domain = address.rpartition("@")[2]
    found = [Hint(Doubt.THROWAWAY)] if _is_throwaway(domain) else []
    meant = [] if found or domain in PROVIDERS else [each for each in PROVIDERS if _is_one_slip_from(domain, each)]
    found += [Hint(Doubt.TYPO, each) for each in meant[:1]]
    return found + ([Hint(Doubt.MIXED_SCRIPTS)] if _mixes_scripts(domain) else [])


def _is_throwaway(domain: str) -> bool:
    labels = domain.split(".")
    return any(".".join(labels[at:]) in THROWAWAY for at in range(len(labels) - 1))


def _is_one_slip_from(typed: str, meant: str) -> bool:
    """Whether one letter more, less, wrong, or swapped with its neighbour leads from one to the other."""
    if abs(len(typed) - len(meant)) > 1 or typed == meant:
        return False
    at = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    swapped = typed[at : at + 2] == meant[at : at + 2][::-1] and typed[at + 2 :] == meant[at + 2 :]
    rests = ((typed[at + 1 :], meant[at + 1 :]), (typed[at:], meant[at + 1 :]), (typed[at + 1 :], meant[at:]))
    return swapped or any(one == other for one, other in rests)


def _mixes_scripts(domain: str) -> bool:
    """Whether letters of several alphabets that look alike stand in one part of the name."""
    return any(len(_scripts(_readable(label))) > 1 for label in domain.split("."))


def _readable(label: str) -> str:
    try:
        return label.encode("ascii").decode("idna") if label.startswith("xn--") else label
    except UnicodeError:
        return label


def _scripts(letters: Iterable[str]) -> set[str]:
    names = [unicodedata.name(letter, "") for letter in letters]
    return {script for script in _LOOKALIKES if any(name.startswith(script) for name in names)}
