"""Tests of `chalicelib/api/operator`."""
