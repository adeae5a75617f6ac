"""Budgets that are not a database's own: in memory, and lent to this process."""
