"""Tests of `chalicelib/api/staff`."""
