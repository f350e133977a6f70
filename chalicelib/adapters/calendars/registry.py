"""Every kind of calendar by its name in the register of recipients. A new one is one line here."""

from collections.abc import Callable, Mapping

from chalicelib.adapters.calendars import caldav, google, google_reports, graph, graph_reports
from chalicelib.adapters.calendars._calendar import Around, OwnCalendar
from chalicelib.domain.own_calendars import Report

__all__ = ["CALENDARS", "REPORTS", "Around"]

CALENDARS: Mapping[str, Callable[[Mapping[str, str], Mapping[str, str], Around], OwnCalendar]] = {
    graph.NAME: graph.build,
    google.NAME: google.build,
    caldav.NAME: caldav.build,
}
"""Builders take settings (names in lower case), secrets and the world."""

REPORTS: Mapping[str, Callable[[Mapping[str, str], bytes], tuple[Report, ...]]] = {
    graph.NAME: graph_reports.reports_in,
    google.NAME: google_reports.reports_in,
}
"""Readers of reports take headers (names in lower case) and body."""
