"""What appointments are about: services, hours, free times, booking, changing, lists."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring._accounts import Accounts

if TYPE_CHECKING:
    from chalicelib.services.agenda import Agenda
    from chalicelib.services.booking import Booking
    from chalicelib.services.changing import Changing
    from chalicelib.services.offering import Offering


@dataclass(frozen=True)
class Appointments(Accounts):
    """Imported when they are needed."""

    @cached_property
    def offering(self) -> "Offering":
        """Services, availability, slots."""
        from chalicelib.services.offering import Offering  # noqa: PLC0415 (as said above)

        return Offering(self.vault, self.clock)

    @cached_property
    def booking(self) -> "Booking":
        """Booking."""
        from chalicelib.services.booking import Booking  # noqa: PLC0415 (as said above)

        return Booking(self.vault, self.clock)

    @cached_property
    def changing(self) -> "Changing":
        """Cancelling and moving by link."""
        from chalicelib.services.changing import Changing  # noqa: PLC0415 (as said above)

        return Changing(self.vault, self.clock, self.linking, self.offering)

    @cached_property
    def agenda(self) -> "Agenda":
        """What staff see of their appointments."""
        from chalicelib.services.agenda import Agenda  # noqa: PLC0415 (as said above)

        return Agenda(self.vault, self.clock)
