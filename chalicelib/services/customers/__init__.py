"""Customers: found and made, read and changed by staff, merged and split, brought along from elsewhere."""
