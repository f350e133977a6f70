"""Tests of `chalicelib/api/customers`."""
