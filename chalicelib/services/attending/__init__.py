"""What staff do with appointments: enter, see, move, hand over, cancel, and note what became of them."""
