"""What a message holds, and which kinds of data that is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from chalicelib.domain.disclosing import CARRIES, Received, disclosed, parts_of
from chalicelib.services.ports import Attachment, Email, Sms
from tests.adapters.provider_builders import an_email, an_sms


@dataclass(frozen=True)
class Inner:
    """Something within a message."""

    note: str
    number: int = 0


@dataclass(frozen=True)
class Outer:
    """A message of an unusual shape."""

    one: Inner
    many: tuple[Inner, ...] = ()
    tags: tuple[str, ...] = ()
    named: Mapping[str, Any] | None = None


def leaves(kind: type, before: str = "") -> Iterator[str]:
    """The parts that a kind of message can have, from its types; what headers are called is left open."""
    hints = get_type_hints(kind)
    for each in fields(kind):
        held = hints[each.name]
        name = f"{before}{each.name}"
        inner = next((one for one in get_args(held) if is_dataclass(one)), None)
        if isinstance(inner, type):
            yield from leaves(inner, f"{name}.")
        else:
            yield f"{name}.*" if get_origin(held) is Mapping else name


@pytest.mark.parametrize("kind", [Email, Sms])
def test_every_part_of_a_message_is_told(kind: type) -> None:
    """A new field of a message says what it carries, or nobody can send it. No header is told: none may be set."""
    assert set(leaves(kind)) - {"headers.*"} == set(CARRIES[kind.__name__])


def test_a_text_message_carries_no_name_and_no_address() -> None:
    """And an e-mail no phone number."""
    text = disclosed("Sms", CARRIES["Sms"])
    mail = disclosed("Email", CARRIES["Email"])

    assert text & {Received.NAME, Received.EMAIL_ADDRESS} == frozenset()
    assert Received.PHONE_NUMBER in text
    assert Received.PHONE_NUMBER not in mail
    assert {Received.STORED}.isdisjoint(text | mail)


def test_what_is_not_told_is_refused() -> None:
    """By the name of the part."""
    with pytest.raises(LookupError, match=r"headers\.list-id of Email"):
        disclosed("Email", ["to", "headers.list-id"])


def test_the_parts_of_a_text_message() -> None:
    """Those that are not empty."""
    assert [*parts_of(an_sms())] == ["to", "text", "reference"]
    assert [*parts_of(an_sms(text=""))] == ["to", "reference"]


def test_parts_lie_deep() -> None:
    """In attachments and headers; names of headers are not case-sensitive."""
    file = Attachment(filename="a.ics", content_type="text/calendar", content=b"x")
    mail = an_email(attachments=(file,), headers={"List-ID": "x", "X-Empty": ""})

    found = {*parts_of(mail)}

    assert {"attachments.filename", "attachments.content_type", "attachments.content", "headers.list-id"} <= found
    assert "attachments" not in found
    assert "headers.x-empty" not in found


def test_every_shape_is_looked_through() -> None:
    """One within another, several, plain lists, mappings of anything."""
    odd = Outer(one=Inner("a", 7), many=(Inner(""), Inner("b")), tags=("", "x"), named={"K": {"L": Inner("c")}})

    assert [*parts_of(odd)] == ["one.note", "one.number", "many.note", "tags", "named.k.l.note"]


def test_what_is_no_message_is_refused() -> None:
    """Rather than taken for empty."""
    with pytest.raises(TypeError, match="str"):
        [*parts_of("to: anna")]
