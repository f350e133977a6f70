"""Why somebody asks for what is blocked or restricted: an exception has a ground, and leaves an entry in the ledger."""

from dataclasses import dataclass
from enum import Enum


class Ground(Enum):
    """What allows to see or use blocked or restricted data all the same (Art. 18(2) GDPR)."""

    LEGAL_DUTY = "legal-duty"
    LEGAL_CLAIM = "legal-claim"
    SUBJECT_REQUEST = "subject-request"
    SUBJECT_CONSENT = "subject-consent"

    @property
    def opens_blocked(self) -> bool:
        """Whether it reaches what is kept for a legal duty only: a wish to use it does not."""
        return self is not Ground.SUBJECT_CONSENT


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks, on what ground, from where (a shortened network). `actor` is the id of a person."""

    ground: Ground
    actor: str
    network: str | None = None
