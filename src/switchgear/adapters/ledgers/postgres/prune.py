"""Drops old calls from the database, a few at a time, so that nobody waits long."""

from switchgear.adapters.ledgers.postgres.account import forget_windows
from switchgear.adapters.ledgers.postgres.line import Connection
from switchgear.domain.units import UnixMs

ROWS = 500
"""In one transaction."""
IN_USE = 3_600_000
"""Milliseconds for which a situation may be referred to by rows that are on their way; those who
write say every ten minutes which they use."""

DROP = """
WITH old AS (
  DELETE FROM decisions WHERE number IN (SELECT number FROM decisions WHERE at < $1 LIMIT $2)
  RETURNING number
), tries AS (DELETE FROM attempts WHERE decision IN (SELECT number FROM old)),
content AS (DELETE FROM bodies WHERE decision IN (SELECT number FROM old))
SELECT count(*) FROM old
"""
DROP_OUTCOMES = """
WITH old AS (
  DELETE FROM papers WHERE (kind, id) IN (
    SELECT kind, id FROM papers
    WHERE kind = 'outcome' AND made < $1 AND number < (SELECT max(number) FROM papers) LIMIT $2
  ) RETURNING kind, id
), log AS (DELETE FROM paper_notes AS n USING old WHERE n.kind = old.kind AND n.id = old.id)
SELECT count(*) FROM old
"""
"""The newest document stays, whatever it is: by its number others go on counting."""
NEWEST_SEEN = "SELECT max(seen) FROM situations"
DROP_UNUSED = """
DELETE FROM situations AS s WHERE seen < $1
  AND NOT EXISTS (SELECT 1 FROM decisions AS d WHERE d.situation = s.number)
"""


async def prune(connection: Connection, before: UnixMs) -> int:
    """Drop the calls that arrived before a moment, and return how many there were.

    What was said of them goes too; policies stay.
    """
    dropped = 0
    while some := await connection.fetchval(DROP, before, ROWS):
        dropped += some
    while await connection.fetchval(DROP_OUTCOMES, before, ROWS):
        pass
    newest = await connection.fetchval(NEWEST_SEEN)
    if newest is not None:
        await connection.execute(DROP_UNUSED, newest - IN_USE)
    await forget_windows(connection, before)
    return dropped
