"""The record of processing activities (Art. 30 GDPR, Art. 12 FADP) as a document, out of the catalogue."""

from collections.abc import Iterator

from chalicelib.domain.handling import Handling
from chalicelib.domain.periods import Period
from chalicelib.records._base import Record
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.processors import PROCESSORS

_INTRO = """# Record of processing

Made from `chalicelib/records/`; `make docs` writes it anew. Every kind of record is declared once, and what stands
here is what the program does.
"""


def record_of_processing() -> str:
    """The document."""
    return "\n".join([_INTRO, *_kinds(), *_processors()]) + "\n"


def _kinds() -> Iterator[str]:
    for kind in RECORDS:
        handling = kind.handling
        yield f"## {kind.kind_name()}\n"
        yield f"{(kind.__doc__ or '').strip()}\n"
        for name, value in _facts(kind, handling):
            yield f"- **{name}:** {value}"
        yield ""


def _facts(kind: type[Record], handling: Handling) -> Iterator[tuple[str, str]]:
    yield "Category", handling.category.value
    yield "Purpose", "; ".join(purpose.value for purpose in handling.purposes)
    yield "Legal basis", f"Art. 6(1)({handling.basis.value}) GDPR"
    yield "About", handling.about.value
    yield "Source", handling.source.value
    yield "Recipients", ", ".join(handling.recipients) or "none"
    yield "Kept", "; ".join(f"{_words(keep.period)} from `{keep.since}`" for keep in handling.keep)
    yield "Then", handling.then.value
    yield "Sealed fields", ", ".join(f"`{name}`" for name in kind.sealed_fields()) or "none"
    if handling.because:
        yield "Why", handling.because


def _words(period: Period) -> str:
    if period.months:
        return f"{period.months} months"
    if period.seconds:
        return f"{period.seconds // 3600} hours"
    return f"{period.days} days" if period.days else "until then, counted"


def _processors() -> Iterator[str]:
    yield "## Processors\n"
    yield "| name | company | place | purpose | receives |\n|---|---|---|---|---|"
    for each in PROCESSORS:
        received = ", ".join(sorted(each.receives))
        yield f"| {each.name} | {each.company} | {each.place} | {each.purpose.value} | {received} |"
