"""Cursors: where the next page begins, as text that says nothing to a caller and is checked when it comes back."""

import base64
import binascii
import re
from typing import Annotated

from pydantic import Field

from chalicelib.api.http.models import Query
from chalicelib.domain.errors import InvalidInputError

Cursor = Annotated[str, Field(min_length=4, max_length=200, pattern=r"^[A-Za-z0-9_-]+$", examples=["MTIwMDAwIzAxOTg"])]


class PageAsked(Query):
    """Where to go on."""

    cursor: Cursor | None = None


def cursor_of(place: str) -> str | None:
    """The cursor that leads to a place; None when there is no rest."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=") if place else None


def place_of(cursor: str | None, form: str) -> str:
    """The place that a cursor leads to, which has to be of a form; empty for the first page."""
    if cursor is None:
        return ""
    try:
        place = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        place = ""
    if re.fullmatch(form, place) is None:
        raise InvalidInputError("Send the cursor as it was answered, or none.", field="cursor")
    return place
