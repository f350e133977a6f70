"""Tests of `services/auditing`."""
