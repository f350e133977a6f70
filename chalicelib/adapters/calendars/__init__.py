"""Experts' own calendars: Microsoft's, Google's, and those of servers that speak CalDAV."""
