"""Handlings: a declaration that says too little can't be made, and none changes once made."""

from dataclasses import FrozenInstanceError
from enum import Enum
from typing import Any

import pytest

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import months

WHOLE: dict[str, Any] = {
    "category": Category.CONTACT,
    "purposes": (Purpose.APPOINTMENT,),
    "basis": Basis.CONTRACT,
    "source": Source.SUBJECT,
    "about": Subject.CUSTOMER,
    "keep": (Keep(months(12), "ended_at"),),
}


def test_a_whole_declaration() -> None:
    """Deleting follows unless said otherwise; recipients and reasons may be none."""
    handling = Handling(**WHOLE)

    assert (handling.then, handling.recipients, handling.because) == (Then.DELETE, (), "")


@pytest.mark.parametrize("name", WHOLE)
def test_nothing_can_be_left_out(name: str) -> None:
    """Category, purposes, basis, source, subject and period all have to be said."""
    with pytest.raises(TypeError, match=name):
        Handling(**{key: value for key, value in WHOLE.items() if key != name})


@pytest.mark.parametrize("name", ["purposes", "keep"])
def test_nothing_is_kept_without_purpose_or_period(name: str) -> None:
    """An empty list is no declaration."""
    with pytest.raises(TypeError, match="at least one purpose and one period"):
        Handling(**{**WHOLE, name: ()})


def test_a_declaration_does_not_change() -> None:
    """What was published stays what it was while the program runs."""
    handling = Handling(**WHOLE)

    with pytest.raises(FrozenInstanceError):
        handling.because = "else"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        handling.keep[0].since = "never"  # type: ignore[misc]


def test_the_lawful_bases_are_those_of_the_law() -> None:
    """Art. 6(1) GDPR has six letters."""
    assert [basis.value for basis in Basis] == list("abcdef")


@pytest.mark.parametrize("words", [Category, Purpose, Basis, Source, Subject, Then])
def test_every_word_is_said_once(words: type[Enum]) -> None:
    """Two names for the same would hide one in the record of processing."""
    assert len({word.value for word in words}) == len(words.__members__)
    assert all(word.value.strip() for word in words)
