"""A business itself: registered, opened, on trial, exported, ended, and the keys of its own servers."""
