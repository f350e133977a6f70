"""Tests of `services/appointments`."""
