"""The people of a business: invited, shown, changed, deleted."""
