"""Tests of paying in advance."""
