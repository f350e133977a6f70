"""Waiting lists: who waits for a time of a service, to whom a freed one is offered, and what becomes of the offer."""
