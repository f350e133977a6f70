"""How providers call us back: one file each. Proof first, on the raw bytes; only then is anything read."""
