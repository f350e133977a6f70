"""Tests of `services/rights`."""
