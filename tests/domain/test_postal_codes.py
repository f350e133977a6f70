"""Postal codes, country by country, and the list of countries."""

from importlib.resources import files

import pytest

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.postal_codes import is_postal_code


@pytest.mark.parametrize(
    ("country", "good", "bad"),
    [
        ("CH", ("1000", "8001", "9658", "9699"), ("0999", "999", "9700", "9999", "80012", "CH-8001", "800O", " 8001")),
        ("LI", ("9485", "9490", "9498"), ("9484", "9499", "8001", "949")),
        ("DE", ("01067", "10115", "99998"), ("1067", "101150", "D-10115", "00000", "1011a")),
        ("AT", ("1010", "9992"), ("0101", "101", "10100")),
        ("FR", ("01000", "75008", "98000"), ("7500", "00100", "750080")),
        ("IT", ("00118", "20121"), ("2012", "201210")),
        ("GB", ("SW1A 1AA", "E1 6AN"), ("E", "-E1", "E1-", "SW1A 1AA XX 123", "E1_6AN", "Ä1 6AN")),
        ("PT", ("1000-001",), ("1", "1000–001")),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_each_country_has_its_form(country: str, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    """Digits are those of ASCII; where nothing is known, two to twelve letters, digits, spaces and hyphens."""
    assert [code for code in good if not is_postal_code(code, country)] == []
    assert [code for code in bad if is_postal_code(code, country)] == []


@pytest.mark.parametrize("code", ["\u0668\u0660\u0660\u0661", "\uff18001", "8001\n"], ids=ascii)
def test_other_digits_are_no_postal_code(code: str) -> None:
    """What looks like one."""
    assert not is_postal_code(code, "CH")


def test_the_countries_are_those_of_the_standard() -> None:
    """As the time zone database lists them, too."""
    lines = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8").splitlines()

    assert {line[:2] for line in lines if not line.startswith("#")} == COUNTRIES
    assert len(COUNTRIES) == 249
