"""Tests of `chalicelib/api/appointments`."""
