"""How we reach out: one file for each outside service; each says which personal fields it may receive."""
