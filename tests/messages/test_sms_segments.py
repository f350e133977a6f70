"""Counting the segments of text messages, at every edge."""

import pytest

from chalicelib.messages.sms_segments import Segments, count, is_gsm

GSM_TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
WIDE = "\U0001f600"


def test_the_basic_table_has_127_characters_of_one_septet_each() -> None:
    """The table holds 128 places, one of which is the escape to the extension table."""
    assert len(set(GSM_TABLE)) == 127
    assert count(GSM_TABLE) == Segments("GSM-7", 127, 1)


@pytest.mark.parametrize("character", "\f^{}\\[~]|€")
def test_a_character_of_the_extension_table_takes_two_septets(character: str) -> None:
    """An escape comes before it."""
    assert count(character) == Segments("GSM-7", 2, 1)


@pytest.mark.parametrize("character", ["ç", "ê", "ž", "’", "–", "\u00a0", "\t", "`", "Я", WIDE])
def test_what_is_in_neither_table_makes_the_text_utf_16(character: str) -> None:
    """One such character decides for the whole text."""
    assert not is_gsm("Termin" + character)
    assert count("Termin" + character).encoding == "UCS-2"


@pytest.mark.parametrize(
    ("length", "segments"),
    [(0, 1), (1, 1), (159, 1), (160, 1), (161, 2), (305, 2), (306, 2), (307, 3), (458, 3), (459, 3), (460, 4)],
)
def test_gsm_text_fits_160_septets_alone_and_153_in_each_of_several(length: int, segments: int) -> None:
    """The header of a joined message takes seven septets of each segment."""
    assert count("ü" * length) == Segments("GSM-7", length, segments)


@pytest.mark.parametrize(
    ("length", "segments"),
    [(1, 1), (69, 1), (70, 1), (71, 2), (133, 2), (134, 2), (135, 3), (200, 3), (201, 3), (202, 4)],
)
def test_other_text_fits_70_units_alone_and_67_in_each_of_several(length: int, segments: int) -> None:
    """The header of a joined message takes three code units of each segment."""
    assert count("ž" * length) == Segments("UCS-2", length, segments)


@pytest.mark.parametrize(("before", "segments"), [(157, 1), (158, 1), (159, 2)])
def test_an_extension_character_counts_double_at_the_edge_of_one_segment(before: int, segments: int) -> None:
    """158 + 2 septets fill one segment."""
    assert count("a" * before + "€") == Segments("GSM-7", before + 2, segments)


@pytest.mark.parametrize(("before", "segments"), [(151, 2), (152, 3), (153, 2)])
def test_an_extension_character_is_not_split_between_segments(before: int, segments: int) -> None:
    """With one septet left the pair moves on, and what fills two segments otherwise needs a third."""
    text = "a" * before + "€" + "a" * (306 - before - 2)

    assert count(text) == Segments("GSM-7", 306, segments)


@pytest.mark.parametrize(("before", "segments"), [(67, 1), (68, 1), (69, 2)])
def test_a_surrogate_pair_counts_double_at_the_edge_of_one_segment(before: int, segments: int) -> None:
    """68 + 2 code units fill one segment."""
    assert count("a" * before + WIDE) == Segments("UCS-2", before + 2, segments)


@pytest.mark.parametrize(("before", "segments"), [(65, 2), (66, 3), (67, 2)])
def test_a_surrogate_pair_is_not_split_between_segments(before: int, segments: int) -> None:
    """With one code unit left the pair moves on."""
    text = "a" * before + WIDE + "a" * (134 - before - 2)

    assert count(text) == Segments("UCS-2", 134, segments)
