"""Tests of `services/attending`."""
