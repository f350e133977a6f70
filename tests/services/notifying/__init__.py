"""Tests of `services/notifying`."""
