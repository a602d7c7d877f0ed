"""Jobs that end badly, for the worker pool's tests; run inside its children."""

import ctypes
import os
import re
import time
from pathlib import Path
from typing import Any

kept: list[bytearray] = []


def answer(job: dict[str, Any]) -> dict[str, Any]:
    print(f"job {job.get('number')} in {os.getpid()}")
    return {"state": "done", "reason": str(os.getpid())}


def answer_late(job: dict[str, Any]) -> dict[str, Any]:
    """Once the process that bore this one has ended."""
    mother = os.getppid()
    Path(job["log"]).with_suffix(".begun").touch()
    while os.getppid() == mother:
        time.sleep(0.02)
    return answer(job)


def segfault(job: dict[str, Any]) -> dict[str, Any]:
    ctypes.string_at(0)
    return {"state": "done"}


def hang_in_c(job: dict[str, Any]) -> dict[str, Any]:
    """Backtracks for ages without ever giving the interpreter's lock away."""
    re.match(r"(a+)+$", "a" * 64 + "b")
    return {"state": "done"}


def eat_memory(job: dict[str, Any]) -> dict[str, Any]:
    eaten = []
    for _ in range(400):
        eaten.append(bytearray(b"x" * 2**20 * 8))
        time.sleep(0.005)
    return {"state": "done"}


def keep_memory(job: dict[str, Any]) -> dict[str, Any]:
    """Leaves 200 MB behind."""
    kept.append(bytearray(b"x" * 2**20 * 200))
    return {"state": "done", "reason": str(os.getpid())}


def give_memory_back(job: dict[str, Any]) -> dict[str, Any]:
    """Takes and frees 270 MB in pieces too small to be given back at once: those under the one that stays are not."""
    pieces = [bytearray(b"x" * 96 * 2**10) for _ in range(3_000)]
    kept.append(pieces[-1])
    return {"state": "done", "reason": str(os.getpid())}


def exit_quietly(job: dict[str, Any]) -> dict[str, Any]:
    os._exit(3)


def count_orchestrators(job: dict[str, Any]) -> dict[str, Any]:
    import sys

    found = sorted({"prefect", "dvc", "great_expectations"} & set(sys.modules))
    return {"state": "done", "reason": ",".join(found), "main": str(sys.modules["__main__"].__spec__.name)}


def tell_where(job: dict[str, Any]) -> dict[str, Any]:
    threads, wish = os.environ["OMP_NUM_THREADS"], os.environ.get("BAKEOFF_WISH", "")
    return {"state": "done", "reason": f"{threads} {wish} {Path.cwd()}", "parent": os.getppid()}
