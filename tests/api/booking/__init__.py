"""Tests of `chalicelib/api/booking`."""
