"""Tests of `services/staff`."""
