"""What a tenant offers: services, experts' hours, premises, and the times that can still be booked."""

from dataclasses import dataclass

from chalicelib.services._offers import FARTHEST, busy_of, offer_of
from chalicelib.services.offering.catalogue import Catalogue, Published
from chalicelib.services.offering.free_busy import BusyTimes, FreeBusy
from chalicelib.services.offering.free_times import FreeTimes, Slots
from chalicelib.services.offering.hours import Absence, Hours, HoursSet, absences_of
from chalicelib.services.offering.premises import Places, Site
from chalicelib.services.offering.reading import Search
from chalicelib.services.offering.visits import Visits, VisitTimes

__all__ = [
    "FARTHEST",
    "Absence",
    "BusyTimes",
    "FreeTimes",
    "HoursSet",
    "Offering",
    "Published",
    "Search",
    "Site",
    "VisitTimes",
    "absences_of",
    "busy_of",
    "offer_of",
]


@dataclass(frozen=True)
class Offering(Catalogue, Hours, Places, Slots, Visits, FreeBusy):
    """All of it."""
