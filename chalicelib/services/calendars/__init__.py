"""Experts' own calendars: linked, looked at, told, and parted with."""
