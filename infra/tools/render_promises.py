"""The register of promises as a document, out of the one that goes with the bundle."""

from collections.abc import Iterator
from itertools import groupby

from chalicelib.messages.promises import Promise, promises

_INTRO = """# Promises

Made from `chalicelib/messages/promises.json`; `make docs` writes it anew. What we promise, in our words, and whether
we say that it is kept:

- `kept-when-checked`: checks in `tests/promises` carry the id; they run on the deployed stack, and all of them pass.
- `open`: not kept yet, or kept and not checked yet; nobody may be told that it is.

`make promises` runs the checks and prints where each promise stands. Ids are stable and never used for anything else.
What an installation itself found out about its promises stands on its page `/trust`.
"""


def promises_document() -> str:
    """The document."""
    return "\n".join([_INTRO, *_areas(), _counted()]) + "\n"


def _areas() -> Iterator[str]:
    for area, listed in groupby(promises(), key=lambda each: each.area):
        yield f"## {area.capitalize()}\n"
        for each in listed:
            yield f"- **{each.id}** ({_state(each)})\n  - {each.en}\n  - {each.de}"
        yield ""


def _state(promise: Promise) -> str:
    return "kept-when-checked" if promise.checked else "open"


def _counted() -> str:
    checked = sum(1 for each in promises() if each.checked)
    return f"{len(promises())} promises: {checked} kept-when-checked, {len(promises()) - checked} open."
