"""The register of promises: what is promised, in English and German, and whether a check shows that it is kept."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROMISE_LANGUAGES = ("en", "de")
REGISTER = Path(__file__).parent / "promises.json"
CHECKED = "kept-when-checked"
OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One entry. `checked`: checks on the deployed stack carry its id, and a release waits for them to pass."""

    id: str
    area: str
    checked: bool
    en: str
    de: str

    def says(self, language: str) -> str:
        """The promise in one of `PROMISE_LANGUAGES`; LookupError for another."""
        if language not in PROMISE_LANGUAGES:
            raise LookupError("there are no promises in this language")
        return self.de if language == "de" else self.en


@functools.cache
def promises() -> tuple[Promise, ...]:
    """All promises, in the order of the register."""
    return read_register(REGISTER)


def read_register(path: Path) -> tuple[Promise, ...]:
    """The promises in a file; ValueError when one has a state that does not exist."""
    areas: Mapping[str, Mapping[str, Mapping[str, str]]] = json.loads(path.read_text(encoding="utf-8"))
    entries = [(area, name, said) for area, listed in areas.items() for name, said in listed.items()]
    if strange := [name for _, name, said in entries if said["state"] not in {CHECKED, OPEN}]:
        raise ValueError(f"the promise {strange[0]} has a state that does not exist")
    return tuple(
        Promise(id=name, area=area, checked=said["state"] == CHECKED, en=said["en"], de=said["de"])
        for area, name, said in entries
    )
