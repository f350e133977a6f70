"""Tests of `services/offering`."""
