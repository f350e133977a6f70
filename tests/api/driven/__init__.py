"""What makes each call whose entries are declared."""
