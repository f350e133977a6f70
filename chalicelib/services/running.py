"""Which job ran when: noted at its end, so that the audit can tell one that stands still."""

from chalicelib.domain.clock import Clock
from chalicelib.records.last_run import LastRun


class Running:
    """Notes the runs of scheduled functions."""

    def __init__(self, clock: Clock, stage: str) -> None:
        self._clock, self._prefix = clock, f"zusage-{stage}-"

    def note(self, function: str) -> None:
        """A function, by the name it is deployed under, has run to its end."""
        LastRun.note(function.removeprefix(self._prefix), at=self._clock())
