"""How staff come in: by link or password, at which pace, with which session."""
