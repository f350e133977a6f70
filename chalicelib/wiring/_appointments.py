"""What appointments are about: services, hours, free times, booking, changing, lists."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring._customers import Customers

if TYPE_CHECKING:
    from chalicelib.services.appointments.changing import Changing
    from chalicelib.services.appointments.deciding import Deciding
    from chalicelib.services.appointments.settling import Settling
    from chalicelib.services.attending.agenda import Agenda
    from chalicelib.services.attending.changing import Changes
    from chalicelib.services.attending.entering import Entering
    from chalicelib.services.attending.extracting import Extracting
    from chalicelib.services.attending.noting import Noting
    from chalicelib.services.booking.booking import Booking
    from chalicelib.services.booking.reserving import Reserving
    from chalicelib.services.offering.explaining import Explaining
    from chalicelib.services.offering.offering import Offering


@dataclass(frozen=True)
class Appointments(Customers):
    """Imported when they are needed."""

    @cached_property
    def offering(self) -> "Offering":
        """Services, availability, slots."""
        from chalicelib.services.offering.offering import Offering  # noqa: PLC0415 (as said above)

        return Offering(self.vault, self.clock, self.public_holidays)

    @cached_property
    def explaining(self) -> "Explaining":
        """Why a time is, or is not, offered."""
        from chalicelib.services.offering.explaining import Explaining  # noqa: PLC0415 (as said above)

        return Explaining(self.clock, self.public_holidays)

    @cached_property
    def booking(self) -> "Booking":
        """Booking."""
        from chalicelib.services.booking.booking import Booking  # noqa: PLC0415 (as said above)
        from chalicelib.services.customers.finding import Finding  # noqa: PLC0415

        return Booking(self.vault, self.clock, self.public_holidays, Finding(self.vault))

    @cached_property
    def changing(self) -> "Changing":
        """Cancelling and moving by link."""
        from chalicelib.services.appointments.changing import Changing  # noqa: PLC0415 (as said above)
        from chalicelib.services.customers.finding import Finding  # noqa: PLC0415

        finding = Finding(self.vault)
        return Changing(self.vault, self.clock, self.linking, self.offering, self.public_holidays, finding)

    @cached_property
    def reserving(self) -> "Reserving":
        """Times that are kept for a few minutes."""
        from chalicelib.records.reservation import RESERVATIONS  # noqa: PLC0415 (as said above)
        from chalicelib.services.booking.reserving import Reserving  # noqa: PLC0415
        from chalicelib.services.sign_in.throttling import Throttling  # noqa: PLC0415

        return Reserving(self.clock, self.public_holidays, Throttling(self.clock, RESERVATIONS))

    @cached_property
    def deciding(self) -> "Deciding":
        """Confirming and declining what waits."""
        from chalicelib.services.appointments.deciding import Deciding  # noqa: PLC0415 (as said above)

        return Deciding(self.clock, self.linking)

    @cached_property
    def settling(self) -> "Settling":
        """Ending what nobody paid or confirmed in time."""
        from chalicelib.services.appointments.settling import Settling  # noqa: PLC0415 (as said above)

        return Settling(self.clock)

    @cached_property
    def agenda(self) -> "Agenda":
        """What staff see of their appointments."""
        from chalicelib.services.attending.agenda import Agenda  # noqa: PLC0415 (as said above)

        return Agenda(self.vault, self.clock)

    @cached_property
    def extracting(self) -> "Extracting":
        """Files of appointments."""
        from chalicelib.services.attending.extracting import Extracting  # noqa: PLC0415 (as said above)

        return Extracting(self.vault, self.clock, self.agenda, self.settings.organizer_mail.rpartition("@")[2])

    @cached_property
    def attending_entering(self) -> "Entering":
        """Appointments that staff enter for customers."""
        from chalicelib.services.attending.entering import Entering  # noqa: PLC0415 (as said above)

        return Entering(self.vault, self.clock, self.public_holidays, self.finding)

    @cached_property
    def attending_changes(self) -> "Changes":
        """Appointments that staff move, hand over and cancel."""
        from chalicelib.services.attending.changing import Changes  # noqa: PLC0415 (as said above)

        return Changes(self.vault, self.clock, self.public_holidays, self.finding)

    @cached_property
    def attending_notes(self) -> "Noting":
        """What staff see of one appointment, and note about it."""
        from chalicelib.services.attending.noting import Noting  # noqa: PLC0415 (as said above)

        return Noting(self.vault, self.clock)
