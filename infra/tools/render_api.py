"""The HTTP API at a glance, out of the OpenAPI document."""

from collections.abc import Iterator
from typing import Any

_INTRO = """# HTTP API

Made from the routes and their declarations; `make docs` writes it anew. The full description is served at
`/openapi.json` (OpenAPI 3.1) and, to read, at `/docs`.

| call | who | what | answers |
|---|---|---|---|"""


def api() -> str:
    """The document."""
    from app import app
    from chalicelib.api.openapi.document import document

    return "\n".join([_INTRO, *_rows(document(app))]) + "\n"


def _rows(document: dict[str, Any]) -> Iterator[str]:
    for path, operations in sorted(document["paths"].items()):
        for method, operation in operations.items():
            if isinstance(operation, dict) and "responses" in operation:
                who = ", ".join(name for each in operation.get("security", ()) for name in each) or "anyone"
                answers = " ".join(sorted(operation["responses"]))
                yield f"| `{method.upper()} {path}` | {who} | {operation['summary']} | {answers} |"
