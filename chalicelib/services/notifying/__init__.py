"""Messages on their way to people: put into the outbox, written, handed over, and what providers report of them."""
