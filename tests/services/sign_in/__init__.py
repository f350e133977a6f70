"""Tests of `services/sign_in`."""
