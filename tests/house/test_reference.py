import ast
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from switchgear.adapters.signals.metric import METRICS
from switchgear.cli import COMMANDS
from switchgear.config import part, schema
from switchgear.config.error import FINDINGS
from switchgear.domain.decision import Limit, Reason, Strategy
from switchgear.domain.leaf import leaves
from switchgear.engine.condition import VARIABLES
from switchgear.surfaces.http.header import READ, SENT

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "switchgear"
REFERENCE = ROOT / "docs" / "reference"


def page(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def missing(names: Iterator[str], text: str) -> list[str]:
    return sorted({name for name in names if f"`{name}`" not in text})


def strings(room: Path, form: str) -> Iterator[str]:
    for file in sorted(room.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from re.findall(rf"^{form}$", node.value)


def test_a_name_that_a_page_does_not_have_is_found() -> None:
    assert missing(iter(["there", "not_there"]), "| `there` |") == ["not_there"]


def test_every_error_code_is_in_the_reference() -> None:
    assert leaves()
    assert not missing((leaf.code for leaf in leaves()), page("errors"))


def test_every_reason_strategy_and_limit_is_in_the_reference() -> None:
    words = [each.name.lower() for each in Reason]
    words += [each.value for kind in (Strategy, Limit) for each in kind]
    assert not missing(iter(words), page("decisions"))


def test_every_setting_is_in_the_reference() -> None:
    parts = part.Entry.__subclasses__()
    assert schema.File in parts
    assert not missing(
        (name for part in parts for name in part.__struct_fields__), page("settings")
    )


def test_every_finding_of_a_check_is_in_the_reference() -> None:
    assert not missing(iter(FINDINGS), page("findings"))


def test_every_header_is_in_the_reference() -> None:
    assert not missing((each.name for each in (*READ, *SENT)), page("headers"))


def test_every_metric_and_label_is_in_the_reference() -> None:
    rooms = strings(SRC / "adapters" / "signals", "switchgear_[a-z_]+")
    assert not missing(iter([*rooms, *(each.name for each in METRICS)]), page("metrics"))
    assert not missing((label for each in METRICS for label in each.labels), page("metrics"))


def test_every_command_is_in_the_reference() -> None:
    assert COMMANDS
    for name, _ in COMMANDS:
        assert f"## switchgear {name}" in page("commands")


def test_every_variable_of_conditions_is_in_the_reference() -> None:
    assert VARIABLES
    assert not missing((each.name for each in VARIABLES), page("conditions"))


def test_every_table_and_column_of_the_ledger_is_in_the_reference() -> None:
    database = sqlite3.connect(":memory:")
    for script in sorted(SRC.rglob("sqlite/migrations/*.sql")):
        database.executescript(script.read_text(encoding="utf-8"))
    found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    tables = [name for (name,) in found]
    assert "decisions" in tables
    sections = dict(
        re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page("ledger"), re.DOTALL | re.MULTILINE)
    )
    for table in tables:
        rows = database.execute(f"PRAGMA table_info({table})").fetchall()
        assert not missing((row[1] for row in rows), sections[table])
    database.close()
