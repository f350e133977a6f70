"""The appointments of a business in the hands of its staff."""
