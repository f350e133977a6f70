"""Tests of `services/tenancy`."""
