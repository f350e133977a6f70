"""Tests of `chalicelib/api/openapi`."""
