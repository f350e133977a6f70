"""Tests of `services/ledger`."""
