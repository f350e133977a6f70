"""Handlings: a declaration that says too little, or contradicts itself, can't be made, and none changes once made."""

from dataclasses import FrozenInstanceError
from enum import Enum
from typing import Any

import pytest

from chalicelib.domain.handling import (
    Basis,
    Category,
    Counted,
    Elsewhere,
    Handling,
    Keep,
    Key,
    Purpose,
    Source,
    Subject,
    Then,
)
from chalicelib.domain.periods import Period, days, hours, minutes, months, years

WHOLE: dict[str, Any] = {
    "category": Category.CONTACT,
    "purposes": (Purpose.APPOINTMENT,),
    "basis": Basis.CONTRACT,
    "source": Source.SUBJECT,
    "about": Subject.CUSTOMER,
    "recipients": (),
    "keep": (Keep(months(12), "ended_at"),),
    "then": Then.DELETE,
}
BLOCKED: dict[str, Any] = {
    **WHOLE,
    "then": Then.BLOCK_THEN_DELETE,
    "blocked": Keep(years(10), "issued_at", Counted.FROM_END_OF_FINANCIAL_YEAR),
}


def test_a_whole_declaration() -> None:
    """Nothing is blocked, the key is the person's and no reason is given, unless said otherwise."""
    handling = Handling(**WHOLE)

    assert (handling.blocked, handling.key, handling.because) == (None, Key.OF_THE_PERSON, "")


@pytest.mark.parametrize("name", WHOLE)
def test_nothing_can_be_left_out(name: str) -> None:
    """Category, purposes, basis, source, subject, recipients, period and what follows all have to be said."""
    with pytest.raises(TypeError, match=name):
        Handling(**{key: value for key, value in WHOLE.items() if key != name})


@pytest.mark.parametrize("name", ["purposes", "keep"])
def test_nothing_is_kept_without_purpose_or_period(name: str) -> None:
    """An empty list is no declaration."""
    with pytest.raises(TypeError, match="at least one purpose and one period"):
        Handling(**{**WHOLE, name: ()})


def test_what_is_blocked_says_for_how_long() -> None:
    """To block without an end would be to keep for ever."""
    with pytest.raises(TypeError, match="says for how long"):
        Handling(**{**WHOLE, "then": Then.BLOCK_THEN_DELETE})


@pytest.mark.parametrize("then", [Then.DELETE, Then.ANONYMISE])
def test_only_what_is_blocked_says_how_long_it_is(then: Then) -> None:
    """A legal duty that is declared but not followed would be a declaration of nothing."""
    with pytest.raises(TypeError, match="nothing else does"):
        Handling(**{**BLOCKED, "then": then})


def test_a_years_key_is_for_what_a_legal_duty_keeps() -> None:
    """Anything else under it would outlive the erasure of the person."""
    assert Handling(**BLOCKED, key=Key.OF_THE_YEAR).key is Key.OF_THE_YEAR
    with pytest.raises(TypeError, match="only what a legal duty keeps"):
        Handling(**WHOLE, key=Key.OF_THE_YEAR)


@pytest.mark.parametrize("about", [Subject.CUSTOMER, Subject.STAFF, Subject.ANYONE])
def test_who_weighs_interests_says_how(about: Subject) -> None:
    """Except where nobody's are touched."""
    weighed = {**WHOLE, "basis": Basis.LEGITIMATE_INTEREST, "about": about}

    with pytest.raises(TypeError, match="says how"):
        Handling(**weighed)
    assert Handling(**weighed, because="who sends mails must know who does not want them")
    assert Handling(**{**weighed, "about": Subject.NOBODY})


# Periods that were published elsewhere


@pytest.mark.parametrize(
    ("held", "other"),
    [
        (months(12), months(11)),
        (months(12), days(364)),
        (years(1), hours(24 * 364)),
        (days(8), days(7)),
        (days(1), minutes(1439)),
        (Period(months=1, days=1), months(1)),
    ],
)
def test_a_shorter_published_period_is_refused(held: Period, other: Period) -> None:
    """Where two published periods disagree, the shorter one holds."""
    with pytest.raises(TypeError, match="the shorter one holds"):
        Keep(held, "ended_at", elsewhere=(Elsewhere(years(20), "the terms"), Elsewhere(other, "the leaflet")))


@pytest.mark.parametrize(
    ("held", "other"),
    [
        (months(12), months(12)),
        (months(12), years(1)),
        (months(12), months(13)),
        (days(7), days(8)),
        (days(7), days(7)),
    ],
)
def test_a_longer_published_period_is_named(held: Period, other: Period) -> None:
    """The declaration says so, with where it stands."""
    keep = Keep(held, "ended_at", elsewhere=(Elsewhere(other, "the leaflet"),))

    assert [(each.period, each.where) for each in keep.elsewhere] == [(other, "the leaflet")]


# Words


def test_a_declaration_does_not_change() -> None:
    """What was published stays what it was while the program runs."""
    handling = Handling(**WHOLE)

    with pytest.raises(FrozenInstanceError):
        handling.because = "else"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        handling.keep[0].since = "never"  # type: ignore[misc]


def test_the_lawful_bases_are_those_of_the_law() -> None:
    """Art. 6(1) GDPR has six letters; a consent also falls under Art. 7; each has its place in the FADP."""
    assert [basis.gdpr for basis in Basis] == [
        "Art. 6(1)(a), Art. 7 GDPR",
        *(f"Art. 6(1)({letter}) GDPR" for letter in "bcdef"),
    ]
    assert all(basis.fadp.startswith("Art. 31(") for basis in Basis)


@pytest.mark.parametrize("words", [Category, Purpose, Source, Subject, Then, Counted, Key])
def test_every_word_is_said_once(words: type[Enum]) -> None:
    """Two names for the same would hide one in the record of processing."""
    assert len({word.value for word in words}) == len(words.__members__)
    assert all(word.value.strip() for word in words)
