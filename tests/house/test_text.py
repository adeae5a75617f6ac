import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

BANNED = {
    "a path of somebody's machine": r"(?<![\w.])/[w]ork/|/[t]mp/bash|/[t]mp/brief|/[r]oot/\.",
    "the number of an issue": r"\b[i]ssue #?\d",
    "who wrote it": r"\b[A]I-(?:written|authored|generated)|[g]enerated (?:by|with) (?:an? )?AI",
    "the host of a registry": r"[p]ypi\.org|[p]ythonhosted|[n]pmjs\.org",
    "what is not done": r"\b[T]ODO\b|\b[F]IXME\b",
}


def complaints(text: str) -> list[str]:
    return [f"{what}: {hit}" for what, form in BANNED.items() for hit in re.findall(form, text)]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607  (whichever git the developer has)
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def readable(path: Path) -> str:
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")


def broken_links(page: Path, text: str) -> list[str]:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    return [link for link in local if not (page.parent / link).exists()]


def test_the_repository_speaks_of_itself_alone() -> None:
    files = tracked()
    assert ROOT / "README.md" in files
    found = [
        f"{path.relative_to(ROOT)}: {it}" for path in files for it in complaints(readable(path))
    ]
    assert not found


@pytest.mark.parametrize(
    "text",
    [
        "see /wo~rk/main",
        "read /tm~p/brief.md",
        "as iss~ue 2 says",
        "AI-gene~rated code",
        "gene~rated by an AI",
        "https://py~pi.org/simple",
        "TO~DO: later",
    ],
)
def test_what_is_banned_is_found(text: str) -> None:
    assert complaints(text.replace("~", ""))


@pytest.mark.parametrize(
    "text", ["frame/work/flow", "the session id", "an issue with a key", "a path/to/work"]
)
def test_what_is_allowed_is_not_found(text: str) -> None:
    assert not complaints(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    assert not broken_links(page, page.read_text(encoding="utf-8"))


def test_a_broken_link_is_found() -> None:
    assert broken_links(ROOT / "README.md", "[a](docs/nowhere.md#part)") == ["docs/nowhere.md"]
    assert not broken_links(ROOT / "README.md", "[a](LICENSE) [b](https://example.com/x)")


def test_the_map_of_the_house_stays_short() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= 200


def test_every_make_target_that_the_documents_name_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {
        name for page in PAGES for name in re.findall(r"\bmake ([a-z]+)`", page.read_text("utf-8"))
    }
    assert "test" in named
    assert named <= targets


def test_the_list_of_records_is_the_folder_of_records() -> None:
    folder = ROOT / "docs" / "adr"
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text("utf-8"))
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))
