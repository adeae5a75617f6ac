"""Opens where tasks and what belongs to them are kept, with or without a gateway that runs."""

from pathlib import Path

from switchgear.adapters.papers.postgres import PostgresPapers
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.cli.shelf import ledger_path, ledger_url, refuse
from switchgear.ports.papers import Papers


def open_store(ledger: Path | None, config: Path | None, *, durable: bool = True) -> Papers:
    """Return the papers of the ledger that is meant, or exit with 2 and say why not.

    What need not be ``durable`` is on a file's disk a little later than it is written.
    """
    url = ledger_url(ledger, config)
    if url is not None:
        return PostgresPapers(url)
    path = ledger_path(ledger, config)
    if not path.exists():
        refuse(f"There is no ledger {path}; `switchgear serve` makes one.")
    return SqlitePapers(path, durable=durable)
