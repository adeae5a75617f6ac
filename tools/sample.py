"""Writes the demo's packaged sample from a folder with the full routing data."""

import sys
from pathlib import Path

from switchgear.demo.sample import PACKAGED, pack, read_folder, spread

COUNT = 440
"""A third of GSM8K's test set: enough for the demo's longest run, and below 60 kB."""


def main() -> None:
    """Read the folder that the first argument names, and write the sample."""
    sample = spread(read_folder(Path(sys.argv[1])), COUNT)
    PACKAGED.write_bytes(pack(sample))
    print(f"{PACKAGED.name}: {len(sample.prompts)} prompts, {PACKAGED.stat().st_size} bytes")


if __name__ == "__main__":
    main()
