"""Simulated providers with an inbox, and simulated calendars: they answer as documented and never leave the machine."""
