"""Tests of `services/notice`."""
