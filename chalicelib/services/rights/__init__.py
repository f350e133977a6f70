"""The states that the law puts data into: held, restricted, seen for a legal ground only."""
