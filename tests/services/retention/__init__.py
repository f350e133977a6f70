"""Tests of `services/retention`."""
