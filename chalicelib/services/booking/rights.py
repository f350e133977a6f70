"""Rights to a time that is kept for somebody: a reservation, a place offered from the waiting list, a proposal."""

from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib.records.appointment import Appointment
from chalicelib.records.reading import Found, Ref
from chalicelib.records.reservation import Reservation
from chalicelib.records.writing import Transaction
from chalicelib.services.booking.reserving import claim_of_reservation
from chalicelib.services.door.sheets import Claim


class Right(Protocol):
    """What somebody holds who has the right to a time. It is read with everything else that a wish names."""

    @property
    def confirmed(self) -> bool:
        """Whether the expert has agreed already; of others who take part it says nothing."""
        ...

    def refs(self) -> list[Ref[Any]]:
        """What has to be read to know whether it can be used."""
        ...

    def check(self, found: Found) -> None:
        """Refuses a right that can't be used, or not any more."""
        ...

    def claims(self, found: Found) -> list[Claim]:
        """What is kept for it in the sheets: given back before the time that is wished for is looked at."""
        ...

    def use(self, transaction: Transaction, found: Found, appointment: Appointment) -> None:
        """Uses it up, together with what is done with it."""
        ...


@dataclass(frozen=True)
class Reserved:
    """A time that was reserved while the form was filled in. One that has lapsed is no right, and no obstacle."""

    tenant: str
    reservation: str
    confirmed: bool = False

    def refs(self) -> list[Ref[Any]]:
        """The reservation."""
        return [self._ref]

    def check(self, found: Found) -> None:
        """Whoever comes too late may still be lucky."""

    def claims(self, found: Found) -> list[Claim]:
        """Its time."""
        held = found.get(self._ref)
        return [claim_of_reservation(held)] if held else []

    def use(self, transaction: Transaction, found: Found, appointment: Appointment) -> None:
        """It is over."""
        held = found.get(self._ref)
        if held:
            transaction.delete(held)

    @property
    def _ref(self) -> Ref[Reservation]:
        return Reservation.ref(self.tenant, self.reservation)
