"""How the place of an appointment is said."""

import pytest

from chalicelib.domain.terms import Place
from chalicelib.messages.catalogue import LANGUAGES
from chalicelib.messages.where import Where, spoken_where

EVERYWHERE = [
    Where(place=Place.ON_SITE, address="Weg 1, 3000 Bern"),
    Where(place=Place.PHONE),
    Where(place=Place.PHONE, phone="+41795550123"),
    Where(place=Place.PHONE, phone="+41445550100", ours=True),
    Where(place=Place.VIDEO),
    Where(place=Place.VIDEO, link="https://meet.example/x"),
    Where(place=Place.CUSTOMER),
    Where(place=Place.CUSTOMER, address="Weg 1, 3000 Bern"),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_has_its_words(language: str) -> None:
    """Each says something else, in one line, with what is known of it."""
    said = [spoken_where(where, language) for where in EVERYWHERE]

    assert len({*said}) == len(said) - 1  # an address is an address
    for where, words in zip(EVERYWHERE, said, strict=True):
        assert words.strip() == words
        for known in (where.address, where.phone, where.link):
            assert known in words


def test_who_calls_whom_is_told() -> None:
    """A number alone would leave both waiting."""
    theirs, ours = EVERYWHERE[2], EVERYWHERE[3]

    assert spoken_where(theirs, "en") == "Phone: we call you (+41795550123)"
    assert spoken_where(ours, "en") == "Phone: please call us (+41445550100)"


def test_a_language_without_words_is_refused() -> None:
    """Rather than said in another one."""
    with pytest.raises(ValueError, match="no words"):
        spoken_where(EVERYWHERE[0], "rm")
