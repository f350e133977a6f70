"""Pure rules: no clock, no network, no store; only the standard library."""
