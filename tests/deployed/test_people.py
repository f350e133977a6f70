"""The search that the promises rest on finds a value in whatever form it leaked."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.deployed.people import Person, found, text_of

LEAKS: dict[str, Callable[[str], str]] = {
    "plain": lambda value: f"hello {value}!",
    "upper": str.upper,
    "lower": str.lower,
    "hex": lambda value: value.encode().hex(),
    "HEX": lambda value: value.encode().hex().upper(),
    "JSON": json.dumps,
    "URL": quote,
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 behind one byte": lambda value: base64.b64encode(b"x" + value.encode() + b"yz").decode(),
    "base64 behind two bytes": lambda value: base64.urlsafe_b64encode(b"xy" + value.encode() + b"z").decode(),
    "base64 of capitals": lambda value: base64.b64encode(value.upper().encode()).decode(),
    "bytes": lambda value: text_of({"sealed": [b"\x00\xff" + value.encode() + b"\x01"]}),
    "a key": lambda value: text_of({"a": {f"NAME#{value}": 1}}),
}


@pytest.mark.parametrize("form", LEAKS)
@pytest.mark.parametrize("field", ["given_name", "family_name", "email", "phone"])
def test_a_leak_is_found(form: str, field: str) -> None:
    """Whoever wrote it, however it was encoded."""
    value = getattr(Person(), field)

    assert found({value, "somebody@else.example"}, LEAKS[form](value)) == [value]


def test_what_is_not_there_is_not_found() -> None:
    """A search that finds everything would prove nothing."""
    one, other = Person(), Person()

    text = text_of([one.customer(), {"at": 1_795_310_525, "id": one.mark.encode().hex()}])

    assert found({other.given_name, other.family_name, other.email, other.phone}, text) == []
