"""What we say: the catalogue of messages, their texts in every language, and the calendar file that goes with them."""
