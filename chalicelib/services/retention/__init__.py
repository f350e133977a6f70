"""The end of what is past its period: planned, swept, blocked, stamped anew."""
