"""Hints about addresses of mail: slips of the pen, throw-away addresses, letters that look alike."""

import pytest

from chalicelib.domain.email_address import normalise_email
from chalicelib.domain.email_hints import PROVIDERS, Doubt, Hint, hints
from chalicelib.domain.throwaway import THROWAWAY


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("ggmail.com", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.comm", "gmail.com"),
        ("bluwin.ch", "bluewin.ch"),
        ("bleuwin.ch", "bluewin.ch"),
        ("hotmial.ch", "hotmail.ch"),
        ("t-onlne.de", "t-online.de"),
    ],
)
def test_one_slip_from_a_frequent_provider_is_a_typo(typed: str, meant: str) -> None:
    """A letter more, less, wrong, or swapped with its neighbour."""
    assert hints(f"anna@{typed}") == [Hint(Doubt.TYPO, meant)]


@pytest.mark.parametrize("domain", [*PROVIDERS, "praxis-brunner.ch", "gmail.example.com", "mgali.com", "example.org"])
def test_nothing_is_said_of_what_is_right_or_something_else(domain: str) -> None:
    """Neither of the providers themselves, although some are one letter apart, nor of two slips."""
    assert hints(f"anna@{domain}") == []


@pytest.mark.parametrize("domain", ["mailinator.com", "trashmail.de", "anything.yopmail.com"])
def test_a_throw_away_address_is_called_one(domain: str) -> None:
    """Whatever stands before the listed domain."""
    assert hints(f"anna@{domain}") == [Hint(Doubt.THROWAWAY)]


def test_a_domain_that_merely_ends_alike_is_not() -> None:
    """A dot is a dot."""
    assert hints("anna@notmailinator.com") == []
    assert not THROWAWAY & set(PROVIDERS)


@pytest.mark.parametrize("domain", ["p\u0430ypal.com", "g\u03bfogle.ch", "xn--pypal-4ve.com"])
def test_letters_of_two_alphabets_in_one_name_are_told(domain: str) -> None:
    """A Cyrillic or Greek letter that looks like a Latin one, written plainly or as the network writes it."""
    assert hints(normalise_email(f"anna@{domain}")) == [Hint(Doubt.MIXED_SCRIPTS)]


@pytest.mark.parametrize("domain", ["müller.ch", "пример.com", "παράδειγμα.gr", "xn--mller-kva.ch", "xn--a-.ch"])
def test_one_alphabet_a_name_is_nothing_to_tell(domain: str) -> None:
    """Umlauts are Latin; another alphabet may stand beside a Latin ending; what can't be read is not judged."""
    assert hints(f"anna@{domain}") == []
