"""Tests of `chalicelib/api/sign_in`."""
