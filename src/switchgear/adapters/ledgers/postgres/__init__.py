"""The ledger in a Postgres database, which many nodes share; money and keys are in it too."""

from switchgear.adapters.ledgers.postgres.ledger import PostgresLedger, open_postgres

__all__ = ["PostgresLedger", "open_postgres"]
