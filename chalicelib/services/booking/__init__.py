"""Booking: times, appointments, messages and ledger in one transaction, so that a time is never given twice."""
