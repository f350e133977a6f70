"""Opaque tokens: one spelling, nothing but what we made, and no way back from what is stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.tokens import Token

TENANT, OWNER = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b", "0198b6a2f4c17d3e9a5b1c2d3e4f5a6c"
TOKEN = Token(TENANT, OWNER, bytes(range(32)))


def test_a_token_comes_back_as_it_went_out() -> None:
    """Whose it is stands in it."""
    assert Token.read(TOKEN.spell(prefix="zs_"), prefix="zs_") == TOKEN


def test_two_tokens_are_never_the_same() -> None:
    """The secret is random, all 32 bytes of it."""
    made = [Token.new(TENANT, OWNER) for _ in range(20)]

    assert len({token.secret for token in made}) == 20
    assert {len(token.secret) for token in made} == {32}


def test_what_is_stored_is_a_hash_of_the_secret() -> None:
    """SHA-256, as `sha256sum` gives it for these 32 bytes."""
    assert TOKEN.digest == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "zs_",
        TOKEN.spell(),
        TOKEN.spell(prefix="zk_"),
        TOKEN.spell(prefix="zs_") + "=",
        TOKEN.spell(prefix="zs_")[:-1],
        TOKEN.spell(prefix="zs_") + "A",
        TOKEN.spell(prefix="zs_zs_"),
        TOKEN.spell(prefix="zs_")[:-1] + "é",
        "zs_" + "A" * 107 + "+",
    ],
    ids=["empty", "prefix", "bare", "other-prefix", "padded", "short", "long", "prefix-twice", "letter", "alphabet"],
)
def test_anything_else_is_none(text: str) -> None:
    """Whatever it looks like."""
    assert Token.read(text, prefix="zs_") is None


def test_a_token_has_one_spelling() -> None:
    """The last letter stands for six bits, of which the bytes take four: nobody else's spelling is taken."""
    spelled = TOKEN.spell(prefix="zs_")
    others = [spelled[:-1] + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]

    read = [Token.read(other, prefix="zs_") for other in others if other != spelled]

    assert TOKEN not in read


@given(st.text(max_size=200))
def test_reading_never_fails(text: str) -> None:
    """Whatever somebody sends."""
    token = Token.read("zs_" + text, prefix="zs_")

    assert token is None or token.spell(prefix="zs_") == "zs_" + text
