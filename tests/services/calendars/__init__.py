"""Tests of `services/calendars`."""
