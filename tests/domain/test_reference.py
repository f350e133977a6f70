"""References: what providers get instead of ids, and what comes back from them."""

import re
import string
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.reference import Reference

IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
SOME = Reference("0" * 32, "1" * 32, "f" * 32)


@given(IDS, IDS, IDS)
def test_a_reference_comes_back(tenant: str, subject: str, notification: str) -> None:
    """As it went out: 64 characters that pass through every URL and header."""
    reference = Reference(tenant, subject, notification)

    assert re.fullmatch(r"[A-Za-z0-9_-]{64}", str(reference))
    assert Reference.parse(str(reference)) == reference


def test_the_order_of_the_ids() -> None:
    """Tenant, subject, notification."""
    raw = bytes.fromhex(SOME.tenant + SOME.subject + SOME.notification)

    assert str(SOME) == urlsafe_b64encode(raw).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "nonsense",
        str(SOME)[:-1],
        str(SOME)[:-4],
        str(SOME) + "A",
        str(SOME) + "AAAA",
        str(SOME) + "=",
        str(SOME) + "====",
        str(SOME) + "\n",
        " " + str(SOME),
        str(SOME)[:32] + "!" + str(SOME)[32:],
        str(SOME).replace("_", "/"),
        "+" * 64,
        "é" * 64,
        "\x00" * 64,
        "\ud800" * 64,
    ],
)
def test_garbage_is_no_reference(text: str) -> None:
    """A reference has one spelling, and nothing else names a notification."""
    assert Reference.parse(text) is None


@given(st.text(alphabet=string.printable, max_size=80))
def test_parsing_never_fails(text: str) -> None:
    """Whatever a stranger sends: a reference that is spelled just so, or none."""
    parsed = Reference.parse(text)

    assert parsed is None or str(parsed) == text
