"""What customers do by link, beside changing their appointment: looking at it, waiting for a time, choosing one."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring._appointments import Appointments

if TYPE_CHECKING:
    from chalicelib.services.appointments.showing import Showing
    from chalicelib.services.booking.proposed import ProposalsEnding, Proposed
    from chalicelib.services.booking.proposing import Proposing
    from chalicelib.services.waiting.listing import WaitingLists
    from chalicelib.services.waiting.offering import OfferingFreed
    from chalicelib.services.waiting.places import Places


@dataclass(frozen=True)
class SelfService(Appointments):
    """Imported when they are needed."""

    @cached_property
    def showing(self) -> "Showing":
        """Looking at an appointment by link."""
        from chalicelib.services.appointments.showing import Showing  # noqa: PLC0415 (as said above)

        return Showing(self.vault, self.clock, self.linking, self.settings.organizer_mail)

    @cached_property
    def waiting_lists(self) -> "WaitingLists":
        """Joining waiting lists and leaving them."""
        from chalicelib.services.waiting.listing import WaitingLists  # noqa: PLC0415 (as said above)

        return WaitingLists(self.vault, self.clock, self.linking, self.finding)

    @cached_property
    def offering_freed(self) -> "OfferingFreed":
        """Offering what became free to those who wait."""
        from chalicelib.services.waiting.offering import OfferingFreed  # noqa: PLC0415 (as said above)

        return OfferingFreed(self.clock, self.public_holidays)

    @cached_property
    def places(self) -> "Places":
        """Taking or declining what is offered."""
        from chalicelib.services.waiting.places import Places  # noqa: PLC0415 (as said above)

        return Places(self.vault, self.clock, self.linking, self.booking)

    @cached_property
    def proposing(self) -> "Proposing":
        """Proposals by staff."""
        from chalicelib.services.booking.proposing import Proposing  # noqa: PLC0415 (as said above)

        return Proposing(self.vault, self.clock, self.finding, self.public_holidays)

    @cached_property
    def proposed(self) -> "Proposed":
        """Proposals in the hands of customers."""
        from chalicelib.services.booking.proposed import Proposed  # noqa: PLC0415 (as said above)

        return Proposed(self.vault, self.clock, self.linking, self.booking)

    @cached_property
    def proposals_ending(self) -> "ProposalsEnding":
        """Saying that proposals have lapsed."""
        from chalicelib.services.booking.proposed import ProposalsEnding  # noqa: PLC0415 (as said above)

        return ProposalsEnding(self.clock)
