"""What becomes of an appointment once it is there: looked at, moved, cancelled, decided on, handed over, lapsed."""
