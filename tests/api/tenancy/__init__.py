"""Tests of `chalicelib/api/tenancy`."""
