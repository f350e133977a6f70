"""Notice, record of processing, ledger and promises, as pages and as data."""
