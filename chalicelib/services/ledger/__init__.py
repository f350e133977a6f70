"""The ledger's days: closed and proven, verified, told, counted."""
