"""Tests of `services/operator`."""
