"""Names as people look for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.names import fits, fold, openings, words

NAMES = st.text(alphabet="aäeioöuüsßSNÄéçİł -'’.ﬁ", max_size=12)


@pytest.mark.parametrize(
    "spelling", ["Müller", "MUELLER", "Muller", "mu\u0308ller"], ids=["umlaut", "two-letters", "none", "decomposed"]
)
def test_umlauts_are_one_with_both_ways_to_write_them(spelling: str) -> None:
    """Whoever types one of them finds all."""
    assert fold(spelling) == "muller"


@pytest.mark.parametrize(
    ("name", "folded"),
    [("Weiß", "weiss"), ("Françoise", "francoise"), ("Zoë", "zo"), ("İpek", "ipek"), ("Ødegård", "ødegard")],
    ids=["sharp-s", "cedilla", "diaeresis", "turkish", "norwegian"],
)
def test_marks_and_case_do_not_count(name: str, folded: str) -> None:
    """As people type in a hurry."""
    assert fold(name) == folded


@given(NAMES, st.integers(min_value=0, max_value=12))
def test_the_beginning_of_a_name_begins_it_wherever_the_typing_stopped(name: str, typed: int) -> None:
    """Otherwise somebody would vanish from the list with the next letter, and come back with the one after."""
    assert fold(name).startswith(fold(name[:typed]))


def test_words_stand_between_spaces_hyphens_and_apostrophes() -> None:
    """Each once."""
    assert words("Anna-Maria", "von Arx", "D'Angelo von") == ["anna", "maria", "von", "arx", "d", "angelo"]


@pytest.mark.parametrize(
    ("given", "family", "begun"),
    [
        ("Anna", "Muster", ["mu", "an"]),
        ("Anna Maria", "von Arx", ["ar", "an", "vo"]),
        ("Muriel", "Muster", ["mu"]),
        ("J", "Wu", ["wu"]),
        ("O", "Q", []),
    ],
    ids=["two", "four-words", "same-beginning", "one-letter", "nothing"],
)
def test_a_person_is_found_by_few_beginnings(given: str, family: str, begun: list[str]) -> None:
    """The last of the family's, the first of their own, then the rest; none below two letters."""
    assert openings(given, family, most=3) == begun


@pytest.mark.parametrize(
    ("typed", "found"),
    [("mu an", True), ("an mu", True), ("mus", True), ("muster a", True), ("ster", False), ("anna b", False)],
    ids=["both", "turned", "one", "one-letter-more", "middle", "other"],
)
def test_each_word_that_is_typed_begins_one_of_the_name(typed: str, found: bool) -> None:
    """In any order."""
    assert fits(words(typed), "Anna", "Muster") is found
