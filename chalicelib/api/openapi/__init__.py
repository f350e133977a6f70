"""The description of all calls, made from what they declare."""
