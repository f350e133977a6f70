"""What the product does: one file a family of use cases. Knows records, messages and ports; no AWS, no web."""
