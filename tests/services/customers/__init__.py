"""Tests of what staff do with customers."""
