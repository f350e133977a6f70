"""What a business offers, where, and when its experts are there."""
