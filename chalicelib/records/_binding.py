"""What records need from outside, handed over once by the composition root: table names, a clock, a sealer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.clock import Clock
from chalicelib.domain.sealing import Sealer


class NotBoundError(RuntimeError):
    """Raised when records are used before the composition root bound them."""


@dataclass
class Binding:
    """The clock and sealer of this process; None until bound."""

    clock: Clock | None = None
    sealer: Callable[[], Sealer] | None = None

    def now(self) -> datetime:
        """The present second, in UTC: records keep whole seconds."""
        if self.clock is None:
            raise NotBoundError("records are not bound to a clock")
        return self.clock().astimezone(UTC).replace(microsecond=0)

    def seals(self) -> Sealer:
        """The sealer."""
        if self.sealer is None:
            raise NotBoundError("records are not bound to a sealer")
        return self.sealer()


binding = Binding()
