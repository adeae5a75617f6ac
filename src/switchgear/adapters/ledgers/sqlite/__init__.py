"""The ledger in one SQLite file, which several processes may share."""

from switchgear.adapters.ledgers.sqlite.ledger import SqliteLedger
from switchgear.adapters.ledgers.sqlite.spill import Spilling

__all__ = ["Spilling", "SqliteLedger"]
