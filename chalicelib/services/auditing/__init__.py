"""The nightly audit, and where each promise stands."""
