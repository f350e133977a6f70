"""Phone numbers: what people type, and what is refused without repeating it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.phone import is_e164, is_plausible, normalise_phone


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("+41 79 123 45 67", "CH", "+41791234567"),
        ("079 123 45 67", "CH", "+41791234567"),
        ("079 123 45 67", "ch", "+41791234567"),
        ("0041 79 123 45 67", "DE", "+41791234567"),
        ("+41 (0)79 123 45 67", "CH", "+41791234567"),
        ("\u00a0079/123.45-67\u202f", "CH", "+41791234567"),
        ("(0151) 23456789", "DE", "+4915123456789"),
        ("+49 151 23456789", "CH", "+4915123456789"),
        ("+1 415 867 5309", "CH", "+14158675309"),
        ("+41791234567", "XX", "+41791234567"),
    ],
)
def test_one_form_for_all_spellings(typed: str, country: str, stored: str) -> None:
    """However it is typed, one number is stored in one form."""
    assert normalise_phone(typed, country) == stored


@pytest.mark.parametrize(
    "typed",
    [
        *("", "+", "0", "00", "abc", "079 abc 45 67", "791234567", "+0791234567", "++41791234567", "+41+791234567"),
        *("079 123 45 6", "079 123 45 678", "+4179123456", "+417912345678", "+41079123456"),
        *("+4912345", "+49123456789012345", "+1234567", "+1234567890123456"),
        *(
            "079 123 45 67\n\x00",
            "٠٧٩١٢٣٤٥٦٧",
            "079１２３４５６７",
            "079 123 45 67 ext. 3",
            "079 123 45 67, 079 123 45 68",
        ),
    ],
)
def test_what_is_no_number_is_refused_silently(typed: str) -> None:
    """Too short, too long, letters, other digits, two numbers: refused, and the error does not repeat it."""
    with pytest.raises(ValueError, match="number") as refused:
        normalise_phone(typed, "CH")

    assert not typed.strip("+0") or typed not in str(refused.value)


@pytest.mark.parametrize(("digits", "accepted"), [(5, False), (6, True), (13, True), (14, False)])
def test_german_numbers_vary_in_length(digits: int, accepted: bool) -> None:
    """Six to thirteen digits follow +49, no fewer and no more."""
    number = "+49" + "2" * digits

    if accepted:
        assert normalise_phone(number, "DE") == number
    else:
        with pytest.raises(ValueError, match="number"):
            normalise_phone(number, "DE")


def test_a_national_number_needs_a_known_country() -> None:
    """A number without code from a country we do not know asks for its code."""
    with pytest.raises(ValueError, match="country code"):
        normalise_phone("06 12 34 56 78", "FR")


@given(st.text(max_size=24), st.sampled_from(["CH", "DE", "FR"]))
def test_any_text_gives_a_number_or_a_refusal(typed: str, country: str) -> None:
    """Whatever is typed, the outcome is E.164 that stays itself, or a ValueError."""
    try:
        stored = normalise_phone(typed, country)
    except ValueError:
        return

    assert is_e164(stored)
    assert normalise_phone(stored, country) == stored


@pytest.mark.parametrize(
    ("text", "verdict"), [("+4179123456", True), ("+41791234567\n", False), ("41791234567", False)]
)
def test_is_e164(text: str, verdict: bool) -> None:
    """The form has a plus, digits, and nothing around them."""
    assert is_e164(text) is verdict


@pytest.mark.parametrize(
    ("number", "plausible"),
    [
        ("+41445550100", True),
        ("+4144555010", False),
        ("+414455501000", False),
        ("+41045550100", False),
        ("+4930123456", True),
        ("+4930123", False),
        ("+33142685300", True),
        ("+3314268530", False),
        ("+14158675309", True),
        ("+1415867", False),
        ("0445550100", False),
    ],
)
def test_a_number_has_the_digits_of_its_country(number: str, plausible: bool) -> None:
    """As far as the rules of the country are known."""
    assert is_plausible(number) is plausible
