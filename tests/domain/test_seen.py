"""Which letters can be seen."""

import pytest

from chalicelib.domain.seen import is_seen


@pytest.mark.parametrize("line", ["Zoë O’Neill-Müller", "Анна", "診療所", "Praxis 🙂", "a b", ""])
def test_what_people_write_can_be_seen(line: str) -> None:
    """In any script; spaces are known for what they are."""
    assert is_seen(line)


@pytest.mark.parametrize(
    "letter",
    ["\n", "\0", "\u200b", "\u202e", "\u2028", "\ud800", "\ue000", "\u034f", "\u115f", "\u2800", "\u3164", "\uffa0"],
    ids=lambda letter: f"U+{ord(letter):04X}",
)
def test_what_is_blank_or_steers_can_not(letter: str) -> None:
    """Wherever it stands: a name that shows nothing, or another than it is."""
    assert not is_seen(letter)
    assert not is_seen(f"Anna{letter}Muster")
