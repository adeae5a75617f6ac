"""The ledger in one SQLite file, which several processes may share."""

from switchgear.adapters.ledgers.spill import Spilling
from switchgear.adapters.ledgers.sqlite.ledger import SqliteLedger

__all__ = ["Spilling", "SqliteLedger"]
