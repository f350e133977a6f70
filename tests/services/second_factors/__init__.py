"""Tests of `services/second_factors`."""
