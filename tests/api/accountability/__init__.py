"""Tests of `chalicelib/api/accountability`."""
