"""E-mail addresses: one form to store, and what nobody could deliver to is refused without repeating it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.email_address import LONGEST, ascii_address, normalise_email


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("anna@example.org", "anna@example.org"),
        ("  Anna.Muster@EXAMPLE.Org \n", "Anna.Muster@example.org"),
        ("a+termin@sub.example.co", "a+termin@sub.example.co"),
        ("o'neil_{x}@example.org", "o'neil_{x}@example.org"),
        ("anna@BU\u0308CHER.example", "anna@b\u00fccher.example"),  # letter and dots become one letter (NFC)
        ("anna@xn--bcher-kva.example", "anna@bücher.example"),
        ("anna@XN--bcher-KVA.example", "anna@bücher.example"),
        ("anna@xn--strae-oqa.example", "anna@xn--strae-oqa.example"),  # the older rules know no such name
        ("anna@ｅｘａｍｐｌｅ.org", "anna@example.org"),  # wide letters
        ("anna@example。org", "anna@example.org"),
        ("anna@exa\u00admp\u200ble\u2060.org", "anna@example.org"),  # what can't be seen
    ],
)
def test_one_form_for_all_spellings(typed: str, stored: str) -> None:
    """Trimmed, composed, the domain as it is found; the part before the @ belongs to its server and stays."""
    assert normalise_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            "@",
            "anna",
            "anna@",
            "@example.org",
            "anna@example",
            "anna@.org",
            "anna@example..org",
            "anna@example.org.",
        ),
        *("an na@example.org", "anna@exam ple.org", "anna\t@example.org", "anna@example.org\nBcc: b@example.org"),
        *("anna\x00@example.org", "anna@exa\x7fmple.org", "anna\u200b@example.org", "anna@ex\u2028ample.org"),
        *("a@b@example.org", "anna@-a.org", "anna@a-.org", "anna@127.0.0.1", "anna@[127.0.0.1]", "anna@exa_mple.org"),
        *("<anna@example.org>", "Anna <anna@example.org>", "a@example.org,b@example.org", "a;b@example.org"),
        *(".anna@example.org", "anna.@example.org", "an..na@example.org", '"anna"@example.org', "änna@example.org"),
        *("anna@straße.example", f"anna@{'x' * 64}.org", "anna@\ud800.org"),
    ],
)
def test_what_cannot_be_delivered_to_is_refused_silently(typed: str) -> None:
    """Missing parts, spaces, control characters, lists, tricks: refused, and the error does not repeat it."""
    with pytest.raises(ValueError, match=r"part|domain") as refused:
        normalise_email(typed)

    assert len(typed) < 2 or typed not in str(refused.value)


@pytest.mark.parametrize(("length", "accepted"), [(LONGEST - 1, True), (LONGEST, True), (LONGEST + 1, False)])
def test_the_longest_address(length: int, accepted: bool) -> None:
    """254 characters pass, 255 do not."""
    tail = "." + "b" * 60 + "." + "c" * 60 + ".org"
    address = "l" * 64 + "@" + "a" * (length - 65 - len(tail)) + tail

    if accepted:
        assert normalise_email(address) == address
    else:
        with pytest.raises(ValueError, match=r"too long|domain"):
            normalise_email(address)


@pytest.mark.parametrize(("length", "accepted"), [(63, True), (64, True), (65, False)])
def test_the_longest_part_before_the_at(length: int, accepted: bool) -> None:
    """64 characters pass, 65 do not."""
    address = "l" * length + "@example.org"

    if accepted:
        assert normalise_email(address) == address
    else:
        with pytest.raises(ValueError, match="before the @"):
            normalise_email(address)


def test_the_form_for_headers_is_ascii() -> None:
    """An international domain goes out in the form that every mail server understands."""
    assert ascii_address("anna@bücher.example") == "anna@xn--bcher-kva.example"


@given(st.text(max_size=40) | st.emails())
def test_any_text_gives_an_address_or_a_refusal(typed: str) -> None:
    """Whatever is typed, the outcome stays itself, is one line and can be sent to, or it is a ValueError."""
    try:
        stored = normalise_email(typed)
    except ValueError:
        return

    assert normalise_email(stored) == stored
    assert ascii_address(stored).isascii()
    assert len(stored.split()) == 1
