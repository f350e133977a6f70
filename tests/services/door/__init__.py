"""Tests of `services/door`."""
