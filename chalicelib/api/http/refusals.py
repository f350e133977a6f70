"""From pydantic's findings to sentences for the caller.

No text of the input gets through: the sentences are ours, limits come from the model, and a key that was sent is only
named when it looks like the name of a field.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.api.http.problem import FieldProblem

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_SHOWN = 20

_SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("is missing", "Send it."),
    "extra_forbidden": ("is not known here", "Leave it out."),
    "string_type": ("is not a text", "Send a JSON string."),
    "string_unicode": ("is not a text", "Send valid Unicode."),
    "string_too_short": ("is too short", "Send at least {min_length} characters."),
    "string_too_long": ("is too long", "Send at most {max_length} characters."),
    "string_pattern_mismatch": ("does not have the right form", "Send what fits {pattern}."),
    "int_type": ("is not a whole number", "Send a whole number."),
    "int_from_float": ("is not a whole number", "Send a whole number."),
    "float_type": ("is not a number", "Send a number."),
    "bool_type": ("is not true or false", "Send true or false."),
    "greater_than_equal": ("is too small", "Send at least {ge}."),
    "greater_than": ("is too small", "Send more than {gt}."),
    "less_than_equal": ("is too large", "Send at most {le}."),
    "less_than": ("is too large", "Send less than {lt}."),
    "literal_error": ("is none of the choices", "Send one of {expected}."),
    "enum": ("is none of the choices", "Send one of {expected}."),
    "list_type": ("is not a list", "Send a JSON array."),
    "tuple_type": ("is not a list", "Send a JSON array."),
    "set_type": ("is not a list", "Send a JSON array."),
    "too_short": ("has too few entries", "Send at least {min_length}."),
    "too_long": ("has too many entries", "Send at most {max_length}."),
    "dict_type": ("is not an object", "Send a JSON object."),
    "model_type": ("is not an object", "Send a JSON object."),
    "model_attributes_type": ("is not an object", "Send a JSON object."),
    "none_required": ("is not null", "Send null or leave it out."),
    "repeated": ("was given more than once", "Send it once."),
}
_OTHERWISE = ("is not acceptable", "See the documentation of this field.")


def field_problems(error: "ValidationError") -> list[FieldProblem]:
    """One entry a finding, the first twenty."""
    findings = error.errors(include_url=False, include_input=False)
    return [_field_problem(finding) for finding in findings[:_SHOWN]]


def repeated(names: Iterable[str]) -> list[FieldProblem]:
    """The entries for query keys that may come once and came more often."""
    return [FieldProblem(field_path((name,)), *_SENTENCES["repeated"]) for name in names][:_SHOWN]


def unknown(names: Iterable[str]) -> list[FieldProblem]:
    """The entries for query keys that nothing here knows."""
    return [FieldProblem(field_path((name,)), *_SENTENCES["extra_forbidden"]) for name in names][:_SHOWN]


def field_path(location: Iterable[int | str]) -> str:
    """`customer.email`, `days.0`; what does not look like the name of a field is not repeated."""
    return ".".join(_step(step) for step in location) or "body"


def _step(step: int | str) -> str:
    return str(step) if isinstance(step, int) or _FIELD_NAME.fullmatch(step) else "(unreadable name)"


def _field_problem(finding: "ErrorDetails") -> FieldProblem:
    context: dict[str, Any] = finding.get("ctx", {})
    if finding["type"] == "refused":
        problem, remedy = context["problem"], context["remedy"]
    else:
        problem, remedy = _SENTENCES.get(finding["type"], _OTHERWISE)
        remedy = remedy.format_map(context) if "{" in remedy else remedy
    return FieldProblem(field_path(finding["loc"]), problem, remedy)
