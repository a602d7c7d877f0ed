"""How tests see that a process has ended."""

import time

import psutil

__all__ = ["ends"]


def ends(process: psutil.Process, seconds: float = 60) -> bool:
    """Whether it ends within so long; who takes in orphans may leave a zombie."""
    late = time.monotonic() + seconds
    while time.monotonic() < late:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False
