"""All that a business offers, in one piece."""

from dataclasses import dataclass

from chalicelib.services.offering.catalogue import Catalogue
from chalicelib.services.offering.free_busy import FreeBusy
from chalicelib.services.offering.free_times import Slots
from chalicelib.services.offering.hours import Hours
from chalicelib.services.offering.premises import Places
from chalicelib.services.offering.visits import Visits


@dataclass(frozen=True)
class Offering(Catalogue, Hours, Places, Slots, Visits, FreeBusy):
    """All of it."""
