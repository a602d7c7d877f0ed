"""available_mb: memory that may still be taken; law: what a container may take counts, not what its host has."""

from pathlib import Path

import psutil

__all__ = ["available_mb"]

CGROUP = Path("/sys/fs/cgroup")
LIMITS = (
    ("memory.max", "memory.current", "memory.stat", ("inactive_file", "active_file")),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", ("total_inactive_file", "total_active_file")),
)
"""Of a cgroup's versions 2 and 1: limit, use, and what of the use is cached files, which are given up for whoever needs memory."""


def available_mb(cgroup: Path = CGROUP) -> float:
    """MB that are free on this machine and, where the `cgroup` that holds its processes has a limit, within it."""
    free = [float(psutil.virtual_memory().available)]
    for limit, used, stat, cached in LIMITS:
        try:
            allowed, taken = (int((cgroup / name).read_text()) for name in (limit, used))
            kept = dict(line.split() for line in (cgroup / stat).read_text().splitlines())
            free.append(allowed - taken + sum(int(kept[name]) for name in cached))
        except (OSError, ValueError, KeyError):  # not this version, or "max"
            continue
    return max(0.0, min(free)) / 2**20
