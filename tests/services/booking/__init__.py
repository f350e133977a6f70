"""Tests of `services/booking`."""
