"""Fields about people and businesses: what comes in normalised, and what is refused with the field's name."""

import pytest
from pydantic import ValidationError

from chalicelib.api.http.people import PostalAddress
from chalicelib.api.http.refusals import field_problems

GOOD = {
    "company": "Praxis Brunner",
    "street": "Seestrasse 12",
    "country": "CH",
    "postal_code": "8002",
    "city": "Zürich",
}


def refused(**changes: object) -> list[str]:
    """The fields that are refused."""
    try:
        PostalAddress.model_validate({**GOOD, **changes})
    except ValidationError as error:
        return [problem.field for problem in field_problems(error)]
    return []


@pytest.mark.parametrize(
    "unseen",
    [
        "\u200b",
        "\u200d",
        "\u2060",
        "\ufeff",
        "\u00ad",
        "\u202e",
        "\u2066",
        "\u200f",
        "\x00",
        "\r\n",
        "\x85",
        "\u2028",
        "\u2029",
        "\ue000",
        "\U000e0041",
        "\u034f",
        "\u115f",
        "\u3164",
        "\uffa0",
        "\u2800",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("field", ["company", "street", "city"])
def test_what_cannot_be_seen_is_refused_by_name(field: str, unseen: str) -> None:
    """Zero width, blank, direction of writing, line ends, tags: a name could pass for another, or break a header."""
    assert refused(**{field: f"Praxis{unseen}Brunner"}) == [field]


@pytest.mark.parametrize(
    "text", ["Zoë Müller-Çelik", "O\u2019Neill & Söhne (Basel)", "株式会社", "Ελένη", "Café 24/7", "№ 5"]
)
def test_names_of_the_world_are_taken(text: str) -> None:
    """Any letters, signs and digits."""
    assert refused(company=text) == []


def test_names_are_normalised() -> None:
    """However an accent was typed; spaces around are dropped."""
    assert PostalAddress.model_validate({**GOOD, "city": "  Zu\u0308rich "}).city == "Zürich"


@pytest.mark.parametrize(
    ("country", "code", "fields"),
    [
        ("CH", "8002", []),
        ("CH", "80020", ["postal_code"]),
        ("LI", "8002", ["postal_code"]),
        ("DE", "80331", []),
        ("GB", "SW1A 1AA", []),
        ("GB", "SW1A_1AA", ["postal_code"]),
        ("XX", "8002", ["country"]),
        ("UK", "8002", ["country"]),
        ("ch", "8002", ["country"]),
    ],
)
def test_the_postal_code_is_one_of_the_country(country: str, code: str, fields: list[str]) -> None:
    """Of an unknown country nothing is said about it."""
    assert refused(country=country, postal_code=code) == fields
