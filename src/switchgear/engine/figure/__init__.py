"""How well routing does: figures over what the ledger and the outcomes say."""
