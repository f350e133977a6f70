"""Benchmarks: what the design promises in figures, as ratios and counts wherever possible. `python -m infra.bench`."""
