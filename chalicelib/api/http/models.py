"""The bases and the field types of everything that comes in (`Body`, `Query`) or goes out (`View`).

Bodies are strict: no unknown field, no number in quotes, no time without a zone. The same models validate requests,
shape answers and become the schemas of the OpenAPI document, so these three can't drift apart.

What GET gave can be changed in one place and sent back whole: `whole` makes the model that takes it.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    create_model,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypeVar

from chalicelib.domain.ids import ID_PATTERN

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT_EXAMPLE = "2026-11-02T09:00:00Z"

# Each model is made ready when it is first used: a function answers one request at a time, and making all of them ready
# would be a tenth of its start.
_SHARED = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True, defer_build=True)


class Body(BaseModel):
    """What a caller sends. Unknown fields and values of a neighbouring type are refused, not repaired."""

    model_config = _SHARED | ConfigDict(strict=True, validate_by_name=True)


class Query(BaseModel):
    """The query string, one field a key; list fields may be repeated, all others come once."""

    model_config = _SHARED | ConfigDict(strict=True, validate_by_name=False)


class View(BaseModel):
    """What we answer. Instants leave in UTC whatever zone they were handed over in."""

    model_config = _SHARED | ConfigDict(validate_by_name=True)


ReadOnly = Annotated[
    Any,
    Field(
        exclude=True,
        description="Only the server sets it: it may come back as it was read, and is ignored.",
        json_schema_extra={"readOnly": True},
    ),
]

BodyT = TypeVar("BodyT", bound=Body)


def whole(takes: type[BodyT], shown: type[View]) -> type[BodyT]:
    """`takes` as a PUT takes it: whatever else stands in `shown`, the answer to GET, is read only."""
    beside: dict[str, Any] = {name: (ReadOnly, None) for name in shown.model_fields if name not in takes.model_fields}
    return create_model(f"Whole{takes.__name__}", __base__=takes, __doc__=takes.__doc__, **beside)


def refused(problem: str, remedy: str) -> PydanticCustomError:
    """The error a validator raises; both texts reach the caller, so neither may hold what was sent."""
    return PydanticCustomError("refused", "refused", {"problem": problem, "remedy": remedy})


def _no_instant() -> PydanticCustomError:
    return refused("is not an instant", f"Send a date, a time to the second and a zone offset, as {_INSTANT_EXAMPLE}.")


def _read_instant(given: Any) -> datetime:
    if isinstance(given, datetime):
        instant = given
    elif isinstance(given, str) and _INSTANT.fullmatch(given):
        try:
            instant = datetime.fromisoformat(given)
        except ValueError as error:
            raise _no_instant() from error
    else:
        raise _no_instant()
    return _in_utc(instant)


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise _no_instant()
    try:
        return instant.astimezone(UTC).replace(microsecond=0)
    except OverflowError as error:  # an offset moved the first or last day of the calendar out of it
        raise _no_instant() from error


def _write_instant(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def _read_date(given: Any) -> date:
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    try:
        if isinstance(given, str) and _DATE.fullmatch(given):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise refused("is not a date", "Send a date of the calendar as 2026-11-02.")


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN), Field(examples=["0198b6a2f4c17d3e9a5b1c2d3e4f5a6b"])]
Language = Literal["de", "en", "fr", "it"]
LocalTime = Annotated[
    str,
    StringConstraints(pattern=r"^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"),
    Field(examples=["08:30"], description="Wall time in the zone named beside it; 24:00 ends the day."),
]
LocalDate = Annotated[
    date,
    BeforeValidator(_read_date),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-11-02"]}),
]
Instant = Annotated[
    datetime,
    BeforeValidator(_read_instant),
    PlainSerializer(_write_instant, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "pattern": f"^{_INSTANT.pattern}$", "examples": [_INSTANT_EXAMPLE]}
    ),
]


def line(longest: int, *, example: str = "") -> Any:
    """Constrains a one-line text: no control characters, not empty.

    As in `name: Annotated[str, line(80)]`.
    """
    examples = [example or "Text"[:longest]]
    return Field(min_length=1, max_length=longest, pattern=r"^[^\x00-\x1f\x7f]+$", examples=examples)


def text(longest: int, *, example: str = "") -> Any:
    """Constrains a longer text: as `line`, but it may be empty and hold tabs and line ends."""
    examples = [example or "Text"[:longest]]
    return Field(max_length=longest, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$", examples=examples)


def many(most: int) -> Any:
    """Constrains how many entries a list has.

    As in `days: Annotated[list[LocalDate], many(31)]`.
    """
    return Field(max_length=most)
