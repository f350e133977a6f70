"""What we keep: one file a record kind, each with its Handling. The only place that knows PynamoDB."""
