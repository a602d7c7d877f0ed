"""What a child process does: it carries out jobs, such as a candidate; law: it dies with its parent, and imports no orchestrator."""

import contextlib
import ctypes
import fcntl
import importlib
import json
import os
import select
import socket
import sys
import time
import warnings
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bakeoff.search.clock import utc

__all__ = ["die_with_parent", "main"]


def main(job_handle: int, life_handle: int) -> None:
    """Answers jobs from the connection until it ends. Jobs and answers are JSON; job["call"] is the `module:function` that answers."""
    die_with_parent(life_handle)
    connection = Connection(job_handle)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        connection.send_bytes(b"{}")
        while True:
            job = json.loads(connection.recv_bytes())
            connection.send_bytes(json.dumps(_answer(job)).encode())
            _give_memory_back()


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    _reset_peak_memory()
    started = time.time()
    with _logged(Path(job["log"])), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        module, _, function = job["call"].partition(":")
        answer: dict[str, Any] = getattr(importlib.import_module(module), function)(job)
        said = list(dict.fromkeys(f"{w.category.__name__}: {w.message}" for w in caught))
        for line in said:
            print(line)
    return {
        **answer,
        "started": utc(started),
        "ended": utc(time.time()),
        "host": socket.gethostname(),
        "peak_memory_mb": _peak_memory_mb(),
        "warnings": said[:5],
    }


@contextlib.contextmanager
def _logged(path: Path) -> Iterator[None]:
    """Whatever is printed meanwhile, by C code too, goes to the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    kept = os.dup(1), os.dup(2)
    try:
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        yield
    finally:
        with contextlib.suppress(OSError):  # a full disk loses the log's end, nothing else
            sys.stdout.flush()
            sys.stderr.flush()
        for old, number in zip(kept, (1, 2), strict=True):
            os.dup2(old, number)
            os.close(old)
        os.close(handle)


def die_with_parent(life_handle: int) -> None:
    """The kernel sends SIGIO, whose default ends the process even inside C code, when the parent's end of the pipe closes."""
    fcntl.fcntl(life_handle, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life_handle, fcntl.F_SETFL, os.O_ASYNC)
    if select.select([life_handle], [], [], 0)[0]:  # it was gone before the signal was asked for
        os._exit(1)


def _give_memory_back() -> None:
    """The C library keeps what a forest's trees took unless it is asked; this is done while nobody waits."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def _reset_peak_memory() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_memory_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0
