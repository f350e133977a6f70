"""Who works for a business: invited, seen, changed, deleted."""
