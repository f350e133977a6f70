"""Trial facts and versions of the privacy notice: say only what matters to the test."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.domain.facts import Facts, Kept, KindFacts, ProcessorFacts
from chalicelib.domain.periods import Period, months
from chalicelib.domain.versions import Version


def kept(period: Period | None = None, **changes: Any) -> Kept:
    """Twelve months from the end of the appointment."""
    return replace(Kept(period=period or months(12), since="ends_at", counted="FROM_THEN"), **changes)


def kind(name: str = "Appointment", **changes: Any) -> KindFacts:
    """A kind of data about customers, which goes to one provider."""
    held = KindFacts(
        kind=name,
        category="COMMUNICATION",
        purposes=("APPOINTMENT",),
        basis="CONTRACT",
        source="SUBJECT",
        about="CUSTOMER",
        recipients=("mailgun",),
        periods=(kept(),),
        then="DELETE",
        blocked=None,
        key="OF_THE_PERSON",
        because="",
        fields={"email": "SEALED", "starts_at": "PLAIN"},
    )
    return replace(held, **changes)


def processor(name: str = "mailgun", **changes: Any) -> ProcessorFacts:
    """A provider of messages in Germany."""
    held = ProcessorFacts(
        name=name,
        company=f"{name.title()} AG",
        role="MESSAGES",
        purpose="NOTIFICATION",
        receives=("e-mail address",),
        place="Frankfurt, Germany",
        region="EU",
        contract="Agreement",
        contract_at="https://example.com/",
        transfer="EUROPEAN_UNION",
        parent_country="",
        safeguards=(),
    )
    return replace(held, **changes)


def facts(*kinds: KindFacts, processors: Sequence[ProcessorFacts] | None = None) -> Facts:
    """The facts of a version: one kind and one processor, unless others are named."""
    return Facts(kinds=kinds or (kind(),), processors=tuple(processors or (processor(),)))


def version(name: str, held: Facts | None = None, *, effective: str = "") -> Version:
    """A version in force from the day it is named by, unless told otherwise."""
    return Version(version=name, effective=date.fromisoformat(effective or name), facts=held or facts())


def publications(*versions: Version) -> Callable[[], Sequence[Version]]:
    """What services ask for the versions there are."""
    return lambda: versions
