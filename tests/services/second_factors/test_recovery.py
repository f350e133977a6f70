"""Recovery codes."""

import re

import pytest

from chalicelib.services.second_factors import recovery


def test_there_are_ten_of_140_bits() -> None:
    """Twenty-eight letters and digits, five bits each, in fours; no two are the same, and each of the 32 occurs."""
    codes = recovery.new_codes()

    assert len(set(codes)) == len(codes) == 10
    assert all(re.fullmatch(r"[a-z2-7]{4}(-[a-z2-7]{4}){6}", code) for code in codes)
    assert len(set("".join(codes + recovery.new_codes())) - {"-"}) == 32


@pytest.mark.parametrize("typed", ["abcd-efgh-2345-67ab", "ABCD EFGH 2345 67AB", " abcdefgh234567ab "])
def test_it_does_not_matter_how_a_code_is_typed(typed: str) -> None:
    """People copy them from paper."""
    kept = [recovery.hashed("abcd-efgh-2345-67ab"), recovery.hashed("zzzz-zzzz-zzzz-zzzz")]

    assert recovery.without(kept, typed) == kept[1:]


@pytest.mark.parametrize("typed", ["", "abcd", "abcd-efgh-2345-67ac", "é"])
def test_another_code_is_refused(typed: str) -> None:
    """Also the beginning of a right one."""
    assert recovery.without([recovery.hashed("abcd-efgh-2345-67ab")], typed) is None
    assert recovery.without([], typed) is None


def test_what_is_kept_does_not_hold_the_code() -> None:
    """A hash of it alone."""
    (code, *_) = recovery.new_codes()

    assert re.fullmatch(r"[0-9a-f]{64}", recovery.hashed(code))
    assert code.replace("-", "") not in recovery.hashed(code)
