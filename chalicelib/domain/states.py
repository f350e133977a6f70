"""Why data is held back or kept from use, in the words of the law; each state has a ground, and only one of these."""

from enum import Enum


class HoldGround(Enum):
    """Why somebody's data has to be kept beyond its period (Art. 17(3)(b) and (e) GDPR)."""

    LEGAL_CLAIM = "legal-claim"
    LEGAL_DUTY = "legal-duty"
    AUTHORITY_ORDER = "authority-order"


class Release(Enum):
    """Why a hold is lifted before its end."""

    SETTLED = "settled"
    MISTAKEN = "mistaken"
    NOT_NEEDED = "not-needed"


class RestrictionGround(Enum):
    """What a person can have the processing restricted for: the points of Art. 18(1) GDPR."""

    ACCURACY_CONTESTED = "accuracy-contested"
    UNLAWFUL = "unlawful"
    NEEDED_FOR_CLAIM = "needed-for-claim"
    OBJECTION_PENDING = "objection-pending"

    @property
    def point(self) -> str:
        """The letter of Art. 18(1) GDPR."""
        return "abcd"[list(RestrictionGround).index(self)]
