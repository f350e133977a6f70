"""Every kind of calendar by its name in the register of recipients. A new one is one line here."""

from collections.abc import Callable, Mapping

from chalicelib.adapters.calendars import caldav, google, graph
from chalicelib.adapters.calendars._calendar import Around, OwnCalendar
from chalicelib.adapters.calendars.graph_reports import secrets_in

__all__ = ["CALENDARS", "Around", "secrets_in"]

CALENDARS: Mapping[str, Callable[[Mapping[str, str], Mapping[str, str], Around], OwnCalendar]] = {
    graph.NAME: graph.build,
    google.NAME: google.build,
    caldav.NAME: caldav.build,
}
"""Builders take settings (names in lower case), secrets and the world."""
