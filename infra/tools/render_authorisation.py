"""The table of who may call what as a document, out of docs/authorisation.yaml."""

from collections.abc import Iterator

from infra.tools.authorisation import Rule, read_authorisation

_WHO = ("anybody", "link", "expert", "admin", "operator", "provider")
_INTRO = """# Who may call what

Made from `docs/authorisation.yaml`, where the words are explained; `make docs` writes it anew. The table is held to the
declarations of the routes by `tests/contracts/test_authorisation.py`, and to what happens on a deployed stack by
`tests/deployed/test_authorisation.py`, which calls every route as everybody.

Whoever is not named is refused: with 401 when nobody is known to be calling, with 403 when somebody without the right
is, with 404 where an id belongs to another business, as if it did not exist. *Server* is a key of the business, with
the scope that it needs. *Read-only*: the trial is over, or the business has cancelled. *Another's*: with ids of another
business. *Restricted*: about a person who had the processing restricted. A dash: it makes no difference.
"""
_HEADS = (
    "Route",
    *(who.capitalize() for who in _WHO),
    "Server",
    "Form",
    "Read-only",
    "Ended",
    "Another's",
    "Restricted",
)


def authorisation_document() -> str:
    """The document."""
    return "\n".join([_INTRO, _row(_HEADS), _row(["---"] * len(_HEADS)), *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    for route, rule in read_authorisation().items():
        yield _row([f"`{route}`", *_told(rule)])


def _told(rule: Rule) -> Iterator[str]:
    for who in _WHO:
        yield "yes" if who in rule.who else ""
    yield f"`{rule.key}`" if rule.key else ""
    yield rule.form
    yield from (word.replace("-", "–") for word in (rule.read_only, rule.ended, rule.other, rule.restricted))


def _row(cells: "tuple[str, ...] | list[str]") -> str:
    return f"| {' | '.join(cells)} |"
