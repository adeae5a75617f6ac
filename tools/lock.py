"""Writes the locks in ``requirements/`` from pyproject.toml: pins and hashes for every platform."""

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "requirements"
LOCKS = {
    "run": ("build",),
    "dev": ("build", "dev"),
}
"""Lock to dependency groups; each also has what the package itself depends on."""

COMPILE = (
    "--quiet",
    "--generate-hashes",
    "--allow-unsafe",
    "--strip-extras",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-trusted-host",
    "--no-emit-find-links",
    "--no-emit-options",
)

HEADER = "# Written by `make lock` from pyproject.toml, for Python 3.11 to 3.14; do not edit.\n"


def wanted(groups: tuple[str, ...], pyproject: dict[str, dict[str, list[str]]]) -> list[str]:
    """Return the requirements of the package and of these groups, in order."""
    found = list(pyproject["project"]["dependencies"])
    for group in groups:
        found += pyproject["dependency-groups"][group]
    return found


def lock(name: str, requirements: list[str], constraint: Path | None) -> Path:
    """Pin the requirements into one file, never apart from what ``constraint`` pins."""
    target = FOLDER / f"{name}.txt"
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder) / f"{name}.in", Path(folder) / f"{name}.txt"
        source.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        if target.exists():
            result.write_bytes(target.read_bytes())
        command = [str(Path(sys.executable).with_name("pip-compile")), *COMPILE, *sys.argv[1:]]
        if constraint is not None:
            command += ["--constraint", str(constraint)]
        clean = {**os.environ, "PIP_CONFIG_FILE": os.devnull}
        clean.pop("PIP_FIND_LINKS", None)
        subprocess.run([*command, "-o", str(result), str(source)], check=True, env=clean)
        target.write_text(HEADER + result.read_text(encoding="utf-8"), encoding="utf-8")
    return target


def main() -> None:
    """Write every lock; arguments such as ``--upgrade`` are handed to pip-compile."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    FOLDER.mkdir(exist_ok=True)
    first: Path | None = None
    for name, groups in LOCKS.items():
        print(f"locking {name}")
        made = lock(name, wanted(groups, pyproject), first)
        first = first or made


if __name__ == "__main__":
    main()
