"""Versions of terms and privacy notice: which one is in force, and which ones are announced.

Who registers accepts the one in force; one that is announced already may be accepted ahead of its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from chalicelib.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from chalicelib.domain.facts import Facts

TERMS_VERSION = "2026-11-01"
_ZONE = ZoneInfo("Europe/Zurich")


@dataclass(frozen=True, kw_only=True)
class Version:
    """A published version of the notice. It holds from the beginning of its day, Swiss time."""

    version: str
    effective: date
    facts: "Facts"

    @property
    def effective_at(self) -> datetime:
        """The instant from which on it is in force."""
        return datetime.combine(self.effective, time(), _ZONE).astimezone(UTC)


def in_force(versions: Sequence[Version], at: datetime) -> Version:
    """The version that holds at an instant (`versions` in order). Before any was effective, the first one does."""
    return next((each for each in reversed(versions) if each.effective_at <= at), versions[0])


def acceptable(versions: Sequence[Version], at: datetime) -> tuple[Version, ...]:
    """The version in force, and those that are announced."""
    current = in_force(versions, at)
    return (current, *(each for each in versions if each.effective_at > at and each is not current))


def check_acceptable(versions: Sequence[Version], at: datetime, *, terms_version: str, notice_version: str) -> None:
    """InvalidInputError unless these are terms and a notice that can be accepted at this instant."""
    if terms_version != TERMS_VERSION:
        raise InvalidInputError(f"Show and accept the version in force, {TERMS_VERSION}.", field="terms_version")
    if notice_version not in {each.version for each in acceptable(versions, at)}:
        current = in_force(versions, at).version
        raise InvalidInputError(f"Show and accept the version in force, {current}.", field="notice_version")
