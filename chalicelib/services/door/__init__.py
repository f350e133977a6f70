"""The one door to everybody's time: what takes part, what is free, what counts, and how it is written."""
