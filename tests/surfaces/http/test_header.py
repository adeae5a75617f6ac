import ast
import re
from pathlib import Path

from switchgear.surfaces.http.header import READ, SENT
from switchgear.surfaces.http.heading import Marks, headers

SURFACE = Path(__file__).parents[3] / "src" / "switchgear" / "surfaces" / "http"
OURS = r"x-switchgear-[a-z-]+[a-z]"


def spelt(file: Path) -> set[str]:
    """Return the headers of ours that a module spells out, as text or as bytes."""
    values = [
        node.value
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    ]
    texts = [it.decode("latin-1") if isinstance(it, bytes) else str(it) for it in values]
    return {text for text in texts if re.fullmatch(OURS, text)}


def test_every_header_that_the_surface_spells_out_is_listed() -> None:
    files = [file for file in SURFACE.rglob("*.py") if file.name != "header.py"]
    found = {name for file in files for name in spelt(file)}
    assert len(found) > 5
    assert found <= {header.name for header in (*READ, *SENT)}


def test_every_wish_that_is_read_is_listed() -> None:
    source = (SURFACE / "wish.py").read_text(encoding="utf-8")
    wishes = re.findall(r'PREFIX \+ b"([a-z-]+)"', source)
    assert "task" in wishes
    assert {f"x-switchgear-{name}" for name in wishes} <= {header.name for header in READ}


def test_what_every_answer_carries_is_listed_in_its_order() -> None:
    names = [name.decode() for name, _ in headers(Marks(decision="sg_1"))]
    listed = [header.name for header in SENT]
    assert [name for name in listed if name in names] == names
