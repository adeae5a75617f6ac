"""Brings the tables of a database up to date, however many processes begin at once."""

from importlib.resources import files

from switchgear.adapters.ledgers.postgres.line import Connection
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import Seconds

LOCK = 0x5357_4752
"""Of the server, while one process makes the tables and the others wait."""
PATIENCE = Seconds(60.0)
"""For another process to make them, or for one statement of ours."""
TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
  number INTEGER PRIMARY KEY, at TIMESTAMPTZ NOT NULL DEFAULT now()
)
"""


async def migrate(connection: Connection, where: str) -> None:
    """Make what is missing, one number after the other; it can be tried again at any time.

    Raises:
        LedgerDown: the tables are of a newer Switchgear.
    """
    scripts = scripts_known()
    if await _number(connection, where) == len(scripts):
        return
    async with connection.transaction():
        await connection.execute(f"SET LOCAL statement_timeout = {int(PATIENCE * 1000)}")
        await connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})", timeout=PATIENCE)
        await connection.execute(TABLE)
        for number in range(await _number(connection, where) + 1, len(scripts) + 1):
            await connection.execute(scripts[number - 1], timeout=PATIENCE)
            await connection.execute("INSERT INTO migrations (number) VALUES ($1)", number)


async def check(connection: Connection, where: str) -> None:
    """Check that the tables are those that this version knows.

    Raises:
        LedgerDown: they are older or newer, or there are none.
    """
    if await _number(connection, where) < len(scripts_known()):
        raise LedgerDown(f"The ledger {where} is not up to date; `switchgear serve` updates it.")


def scripts_known() -> list[str]:
    """Return what makes the tables, in order."""
    folder = files(__package__) / "migrations"
    found = sorted(script.name for script in folder.iterdir() if script.name.endswith(".sql"))
    return [(folder / name).read_text("utf-8") for name in found]


async def _number(connection: Connection, where: str) -> int:
    if await connection.fetchval("SELECT to_regclass('migrations')") is None:
        return 0
    known = await connection.fetchval("SELECT max(number) FROM migrations") or 0
    if known > len(scripts_known()):
        raise LedgerDown(
            f"The ledger {where} was written by a newer Switchgear (its tables are number {known}, "
            f"this version knows {len(scripts_known())}); use that version."
        )
    return int(known)
