"""What the faults are tried on, and what a process there takes of it."""

import os
import platform
from pathlib import Path


def machine() -> str:
    """Return what this was seen on."""
    model = platform.processor() or platform.machine()
    about = Path("/proc/cpuinfo")
    for line in about.read_text().splitlines() if about.exists() else ():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return (
        f"{os.cpu_count()} cores, {model}; {platform.system()} {platform.release()};"
        f" Python {platform.python_version()}"
    )


def rss_mb(pid: int) -> float:
    """Return the resident memory of a process, in MB; 0 where the system does not tell."""
    return _told(pid, "VmRSS:")


def peak_mb(pid: int) -> float:
    """Return the most resident memory of a process since ``peak_reset``, in MB."""
    return _told(pid, "VmHWM:")


def peak_reset(pid: int) -> None:
    """Let the peak begin anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _told(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status")
    for line in status.read_text().splitlines() if status.exists() else ():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0
