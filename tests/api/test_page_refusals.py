"""What the pages say when they are refused: whatever the routes that they call may answer has words of its own."""

import re
from collections.abc import Iterator

import pytest

from tests.api.test_pages import FOR_PEOPLE, loaded_by, said_in, source_of
from tests.contracts.test_ledgered import declared, routes

CALL = re.compile(r'(?:call|mine)\("(?P<method>\w+)", ["`](?P<path>[^"`]+)["`]|send\("[\w-]+", "(?P<sent>[^"]+)"')
VARIES = re.compile(r"\$?\{[^}]*\}")
REFUSED = {
    (entry.method, VARIES.sub("*", entry.uri_pattern)): {error.slug for error in declared(entry).errors}
    for entry in routes()
}


def calls_of(name: str) -> Iterator[tuple[str, str]]:
    """Method and path of what a script calls, with a star for what varies."""
    for found in CALL.finditer(source_of(name)):
        path = (found["path"] or found["sent"]).partition("?")[0].removeprefix("v1/")
        yield found["method"] or "POST", f"/v1/{VARIES.sub('*', path)}"


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_each_refusal_has_words(name: str) -> None:
    """To try again later is no advice to somebody who is too late, or who mistyped something."""
    scripts = loaded_by(name)
    said = {each for script in scripts for each in said_in(source_of(script)).get("de", {})}
    called = {call for script in scripts for call in calls_of(script)}

    assert {slug for call in called for slug in REFUSED.get(call, ())} - said == set()
    assert called & REFUSED.keys()


def test_how_long_to_wait_is_told_in_words() -> None:
    """Not as a number before a fixed plural."""
    said = said_in(source_of("page"))

    assert all("{wait}" in texts["too-many-attempts"] for texts in said.values())
    assert "{seconds}" not in "".join(text for texts in said.values() for text in texts.values())
