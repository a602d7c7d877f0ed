"""Children: processes that a nursery of this process forks; law: whoever may have them asks here, and each can be killed and waited for."""

import atexit
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import NamedTuple

__all__ = ["Child", "Process", "begin_nursery", "new_child"]

NUMBER_BYTES = struct.calcsize("i")


class Process:
    """A child of the nursery's: its pid, and its exit code when it has ended, come by a pipe. Thread-safe."""

    def __init__(self, report: int) -> None:
        os.set_blocking(report, False)
        self._report, self._told, self._over = report, b"", False
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        """Waits until the child is born. Raises ProcessLookupError where it never will be."""
        while not self._look() and not self._over:
            wait([self._report])
        if not self._told:
            raise ProcessLookupError("the child was not born")
        return int(struct.unpack_from("i", self._told)[0])

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it is coming up or alive. Where the nursery died none is known: -SIGKILL."""
        if len(self._look()) == 2 * NUMBER_BYTES:
            return int(struct.unpack_from("i", self._told, NUMBER_BYTES)[0])
        return -signal.SIGKILL if self._over else None

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the end. Raises subprocess.TimeoutExpired."""
        while (code := self.poll()) is None:
            if not wait([self._report], timeout):
                raise subprocess.TimeoutExpired("a child process", timeout or 0.0)
        return code

    def kill(self) -> None:
        """One that is not born yet finds its connection closed when it is; whose nursery died may have ended, its pid be another's."""
        if self.poll() is None and self._told:
            with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Nothing more is told."""
        with self._lock:
            self._over = True
            os.close(self._report)

    def _look(self) -> bytes:
        """All that was told until now."""
        with self._lock:
            if not self._over:
                try:
                    told = os.read(self._report, 2 * NUMBER_BYTES - len(self._told))
                except BlockingIOError:
                    return self._told
                self._told += told
                self._over = not told or len(self._told) == 2 * NUMBER_BYTES
            return self._told


class Child(NamedTuple):
    """A child process, the connection for its jobs, and the handle whose closing ends it."""

    process: Process
    connection: Connection
    life: int


@dataclass(frozen=True)
class _Kind:
    """What makes children alike."""

    threads: int
    preload: str
    path: str


class _Nursery:
    """This process's end of a nursery: children are wished for here."""

    def __init__(self, kind: _Kind) -> None:
        self.environment = _environment(kind)
        self.control, control_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        life_end, self.life = os.pipe()
        handles = (control_end.fileno(), life_end)
        command = [sys.executable, "-m", "bakeoff.search.nursery", *map(str, handles), kind.preload]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=handles, env=self.environment, start_new_session=True)
        control_end.close()
        os.close(life_end)

    def bear(self, kind: _Kind) -> Child:
        """A child that is coming up. Raises OSError where the nursery is gone.

        It is told what changed in the environment: a packet takes less than an environment may be.
        """
        now, cwd = _environment(kind), None
        with contextlib.suppress(FileNotFoundError):  # it was removed
            cwd = str(Path.cwd())
        changed = {name: value for name, value in now.items() if self.environment.get(name) != value}
        wish = json.dumps({"set": changed, "unset": [name for name in self.environment if name not in now], "cwd": cwd}).encode()
        parent_end, job_end = socket.socketpair()
        life_end, life = os.pipe()
        report, report_end = os.pipe()
        child = Child(Process(report), Connection(parent_end.detach()), life)
        try:
            socket.send_fds(self.control, [wish], [job_end.fileno(), life_end, report_end])
        except OSError:
            child.process.close()
            child.connection.close()
            os.close(life)
            raise
        finally:
            job_end.close()
            os.close(life_end)
            os.close(report_end)
        return child

    def end(self) -> None:
        self.control.close()
        os.close(self.life)
        self.process.kill()
        self.process.wait()


_nurseries: dict[_Kind, _Nursery] = {}
_lock = threading.Lock()


def begin_nursery(threads: int, preload: str) -> None:
    """Starts the nursery of children with so many threads, which loads the modules `preload` names while the caller does something else."""
    with _lock:
        _nursery(_kind(threads, preload))


def new_child(threads: int, preload: str) -> Child:
    """A child that is coming up: its connection tells when it takes jobs. Raises OSError."""
    kind = _kind(threads, preload)
    with _lock:
        try:
            return _nursery(kind).bear(kind)
        except ConnectionError:  # it ended meanwhile, idle for long or killed: with a wish unread the connection is reset, not broken
            _nurseries.pop(kind).end()
            return _nursery(kind).bear(kind)


def _nursery(kind: _Kind) -> _Nursery:
    known = _nurseries.get(kind)
    if known is not None and known.process.poll() is None:
        return known
    if known is not None:
        known.end()
    _nurseries[kind] = _Nursery(kind)
    return _nurseries[kind]


@atexit.register
def _end_nurseries() -> None:
    while _nurseries:
        _nurseries.popitem()[1].end()


def _kind(threads: int, preload: str) -> _Kind:
    home = str(Path(__file__).resolve().parents[2])
    return _Kind(threads, preload, os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH", "")))))


def _environment(kind: _Kind) -> dict[str, str]:
    """A child's environment: its thread count for every numeric library, and where this bakeoff is."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return {**os.environ, **dict.fromkeys(names, str(kind.threads)), "PYTHONPATH": kind.path, "PYTHONHASHSEED": "0"}
