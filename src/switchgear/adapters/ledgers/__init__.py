"""Places to keep the ledger."""
