"""The nursery: a process that loads the children's libraries once and forks them; law: it carries out nothing itself.

So a fork finds no thread at work and no lock held, a child is there within some hundredths of a second, and what it does not change of
its libraries it shares with the others.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
import traceback
import warnings
from contextlib import suppress
from typing import Any

from bakeoff.search import worker

__all__ = ["main"]

IDLE_SECONDS = 60.0
"""Without a child and without a wish for one, after which the nursery ends: a notebook goes on without it."""
MOST_BYTES = 2**20
"""Of one wish."""


def main(control_handle: int, life_handle: int, preload: str) -> None:
    """Forks a child for every wish on the control socket until the parent closes it or is gone.

    A wish is one packet: JSON of what the child has otherwise in its environment (set, unset) and its cwd, and three handles: of its jobs,
    of the pipe whose end ends it, and of the pipe on which its pid is told, and its exit code when it has ended.
    """
    worker.die_with_parent(life_handle)
    for module in filter(None, preload.split(",")):
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # the collector would touch, and so copy, what the children share
    _Nursery(socket.socket(fileno=control_handle), life_handle).serve()


class _Nursery:
    def __init__(self, control: socket.socket, life_handle: int) -> None:
        self._control, self._life = control, life_handle
        self._woken, self._wake = socket.socketpair()
        self._reports: dict[int, int] = {}
        """The handle by which a living child's end is told, by pid."""

    def serve(self) -> None:
        for end in (self._woken, self._wake):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake.fileno())
        while True:
            ready, _, _ = select.select([self._control, self._woken], [], [], None if self._reports else IDLE_SECONDS)
            if self._woken in ready:
                self._woken.recv(4096)
            self._tell_of_the_dead()
            if self._control in ready:
                wish, handles, _, _ = socket.recv_fds(self._control, MOST_BYTES, 3)
                if not wish:
                    return
                self._bear(json.loads(wish), *handles)
            elif not ready and not self._reports:
                return

    def _bear(self, wish: dict[str, Any], job: int, life: int, report: int) -> None:
        try:
            pid = _forked()
        except OSError as refused:  # the handles' closing tells the parent
            print(f"bakeoff: no child process could be started: {refused}", file=sys.stderr, flush=True)
            pid = -1
        if pid == 0:
            self._live(wish, job, life, report)
        os.close(job)
        os.close(life)
        if pid > 0:
            self._reports[pid] = report
            _tell(report, pid)
        else:
            os.close(report)

    def _live(self, wish: dict[str, Any], job: int, life: int, report: int) -> None:
        """The child's life; it does not return."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for handle in (self._life, report, *self._reports.values()):
                os.close(handle)
            for end in (self._control, self._woken, self._wake):
                end.close()
            os.setsid()
            os.environ.update(wish["set"])
            for name in wish["unset"]:
                os.environ.pop(name, None)
            if wish["cwd"] is not None:
                os.chdir(wish["cwd"])
            worker.main(job, life)
            code = 0
        finally:  # whatever is raised, this process must not come back to the nursery's loop
            if code:
                traceback.print_exc()
            with suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _tell_of_the_dead(self) -> None:
        while self._reports:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            report = self._reports.pop(pid)
            _tell(report, os.waitstatus_to_exitcode(status))
            os.close(report)


def _forked() -> int:
    with warnings.catch_warnings():
        # Python 3.12 warns of other threads: there is jemalloc's (pyarrow brings it), which sees itself through a fork
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _tell(report: int, number: int) -> None:
    with suppress(BrokenPipeError):  # nobody wants to know any more
        os.write(report, struct.pack("i", number))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
