"""Fills the texts of a message with values: an e-mail (subject, plain text, HTML) or a text message.

Placeholders are `${name}` and nothing else; a value is never searched for placeholders again. Every value becomes one
line, and is escaped in HTML. Errors name the placeholder, never the value. `${appointments}` is no value: what is said
of each appointment, filled in the same way, one after the other.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chalicelib.messages.catalogue import Channel, Message, choose_language, message_named
from chalicelib.messages.plain import for_sms, one_line
from chalicelib.messages.sms_segments import count, is_gsm

_NAMELESS = ": "  # what stands behind the name of the business
_FOLDER = Path(__file__).parent
_PLACEHOLDER = re.compile(r"\$\{([a-z_]+)\}")
_LINK = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&()*+,;=%-]+")


@dataclass(frozen=True)
class RenderedEmail:
    """What one person reads: the same in plain text and in HTML."""

    subject: str
    text: str
    html: str


def render_email(
    name: str, language: str, values: Mapping[str, str], *, each: Sequence[Mapping[str, str]] = (), fallback: str
) -> RenderedEmail:
    """The e-mail `name` in `language`, or in `fallback` (the tenant's) when there are no texts in it.

    `each` are the values of each appointment, for a message about several.
    """
    message = _checked(name, "email", values)
    if bool(message.each) != bool(each):
        raise ValueError(f"{name}: says something of each appointment, or of none")
    for said in each:
        _check_fields(name, message.each, said)
    chosen = choose_language(language, fallback=fallback)
    plain = _plain(values)
    subject = _fill(_text(f"{name}/{chosen}/subject.txt"), plain)
    footer = _fill(_text(f"_footer/{chosen}/{message.about}.txt"), plain)
    text, body = (_body(f"{name}/{chosen}", kind, plain, map(_plain, each)) for kind in ("txt", "html"))
    return RenderedEmail(
        subject=subject,
        text=f"{text}\n\n--\n{footer}\n",
        html=_page(body, language=chosen, subject=subject, footer=footer),
    )


def render_sms(name: str, language: str, values: Mapping[str, str], *, fallback: str) -> str:
    """The text message `name`, within the segments its line in the catalogue allows.

    What may be cut to that end is the name of the business, never the time or the link. A name of letters that phones
    send in half the room only is left out where the rest would not fit beside any of it.
    """
    message = _checked(name, "sms", values)
    template = _text(f"{name}/{choose_language(language, fallback=fallback)}/sms.txt")
    plain = {field: for_sms(value) for field, value in values.items()}
    for business in _ever_shorter(plain["business"]):
        text = _fill(template, {**plain, "business": business}).removeprefix(_NAMELESS)
        if count(text).segments <= message.sms_segments:
            return text
    raise ValueError(f"{name}: the text message is too long even with the shortest ${{business}}")


def placeholders(text: str) -> set[str]:
    """The names of the placeholders in a template."""
    return set(_PLACEHOLDER.findall(text))


def _checked(name: str, channel: Channel, values: Mapping[str, str]) -> Message:
    message = message_named(name)
    if channel not in message.channels:
        raise ValueError(f"{name} is not sent by {channel}")
    _check_fields(name, message.fields, values)
    return message


def _check_fields(name: str, fields: frozenset[str], values: Mapping[str, str]) -> None:
    for field in sorted(fields - values.keys()):
        raise ValueError(f"{name}: no value for ${{{field}}}")
    if values.keys() - fields:
        raise ValueError(f"{name}: takes no ${{{min(values.keys() - fields)}}}")
    for field in sorted(fields):
        # A script or a space would make of a link something other than what it says.
        if field.endswith("link") and not _LINK.fullmatch(values[field]):
            raise ValueError(f"{name}: ${{{field}}} is not a web address")


def _plain(values: Mapping[str, str]) -> dict[str, str]:
    return {field: one_line(value) for field, value in values.items()}


def _body(folder: str, kind: str, plain: Mapping[str, str], each: Iterable[Mapping[str, str]]) -> str:
    said = [_fill(_text(f"{folder}/each.{kind}"), _written(one, kind)) for one in each]
    filled = {**_written(plain, kind), "appointments": ("\n\n" if kind == "txt" else "\n").join(said)}
    return _fill(_text(f"{folder}/body.{kind}"), filled)


def _written(plain: Mapping[str, str], kind: str) -> Mapping[str, str]:
    return plain if kind == "txt" else {field: html.escape(value) for field, value in plain.items()}


def _page(body: str, *, language: str, subject: str, footer: str) -> str:
    parts = {"subject": html.escape(subject), "footer": html.escape(footer).replace("\n", "<br>\n")}
    return _fill(_text("_layout.html"), {"language": language, "body": body, **parts}) + "\n"


def _ever_shorter(business: str) -> list[str]:
    plain = " ".join("".join(letter for letter in business if is_gsm(letter)).split())
    return [*_cut(business), *(_cut(plain) if plain != business else ()), ""]


def _cut(business: str) -> list[str]:
    return [business] + [business[:length].rstrip() + "..." for length in range(len(business) - 3, 0, -1)]


def _fill(template: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


@cache
def _text(path: str) -> str:
    return (_FOLDER / path).read_text(encoding="utf-8").strip()
