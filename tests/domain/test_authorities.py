"""Which authority is in charge where."""

import re

import pytest

from chalicelib.domain.authorities import AUTHORITIES, LIST, authority_of

EEA = re.findall("..", "ATBEBGCYCZDEDKEEESFIFRGRHRHUIEISITLILTLULVMTNLNOPLPTROSESISK")


def test_switzerland_and_the_whole_european_economic_area() -> None:
    """No country in which a business of ours may be established is missing."""
    assert set(AUTHORITIES) == {"CH", *EEA}


@pytest.mark.parametrize("country", sorted(AUTHORITIES))
def test_each_can_be_reached(country: str) -> None:
    """A name and a page of its own; a postal address with a number in it, or none."""
    held = AUTHORITIES[country]

    assert held.name.strip()
    assert re.fullmatch(r"https://[a-z0-9.-]+", held.web)
    assert not held.postal or re.search(r"\d{3}", held.postal)


@pytest.mark.parametrize("country", ["CH", "LI", "AT", "DE", "FR", "IT"])
def test_those_of_our_languages_have_their_postal_address(country: str) -> None:
    """Most people who read a notice live there."""
    assert AUTHORITIES[country].postal


def test_only_germany_leaves_it_to_its_lands() -> None:
    """There the one that is named tells which it is."""
    assert [country for country, held in AUTHORITIES.items() if held.by_land] == ["DE"]


@pytest.mark.parametrize(("country", "held"), [("FR", "FR"), ("CH", "CH"), ("GB", "CH"), ("", "CH")])
def test_beyond_europe_that_of_the_operator_is_in_charge(country: str, held: str) -> None:
    """There is always one to complain to."""
    assert authority_of(country, otherwise="CH") is AUTHORITIES[held]


def test_the_list_is_the_boards() -> None:
    """Who does not find an address here finds it there."""
    assert LIST.startswith("https://www.edpb.europa.eu/")
