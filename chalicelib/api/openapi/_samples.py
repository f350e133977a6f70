"""Sample values made from schemas, so that every request in the documentation shows one that would be accepted."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
_DEEPEST = 8
_PLAIN: Mapping[str, Any] = {"boolean": True, "null": None, "string": "text"}


class NoSampleError(Exception):
    """Raised when a schema asks for a form (a pattern without an example) that nothing here can invent."""


def sample(schema: Schema, schemas: Schema, depth: int = 0) -> Any:
    """A value that fits `schema`; declared examples come first. `schemas` are those that a $ref may name."""
    if depth > _DEEPEST:
        raise NoSampleError
    if "$ref" in schema:
        return sample(schemas[schema["$ref"].rpartition("/")[2]], schemas, depth + 1)
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return sample(schema[key][0], schemas, depth + 1)
    return _of_type(schema, schemas, depth)


def _of_type(schema: Schema, schemas: Schema, depth: int) -> Any:
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {}).items()
            return {name: sample(kind, schemas, depth + 1) for name, kind in fields}
        case "array":
            item = sample(schema.get("items", {}), schemas, depth + 1)
            return [item] * max(1, schema.get("minItems", 1))
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "string" if "pattern" in schema or schema.get("minLength", 0) > len(_PLAIN["string"]):
            raise NoSampleError
        case kind:
            return _PLAIN.get(kind or "", {})
