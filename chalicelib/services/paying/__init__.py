"""Paying in advance: the business's account, the page on which somebody pays, and what becomes of the money."""
