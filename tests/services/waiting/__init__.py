"""Tests of `services/waiting`."""
