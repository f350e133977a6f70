"""Booking: times, appointments, messages and ledger in one transaction, so that a time is never given twice."""

from chalicelib.services.booking.booking import NOT_ONLINE, Booking, booked_before
from chalicelib.services.booking.rights import Right
from chalicelib.services.booking.wishing import Item, Repeat, Wish

__all__ = ["NOT_ONLINE", "Booking", "Item", "Repeat", "Right", "Wish", "booked_before"]
