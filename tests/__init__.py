"""Tests mirror chalicelib/; what crosses floors has a folder of its own."""
