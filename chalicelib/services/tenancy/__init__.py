"""A business and its contract: from its registration through the trial to its end."""
