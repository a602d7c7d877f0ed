"""WorkerPool: warm child processes that can really be killed; law: one candidate's end, however bad, costs one process and nothing else."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil

from bakeoff.search.children import Child, begin_nursery, new_child
from bakeoff.search.clock import utc

__all__ = ["Limits", "WorkerPool"]

LOOK_SECONDS = 0.1
CENSUS_SECONDS = 1.0
DEATH_SECONDS = 5.0
"""What a child whose connection is closed may take to end; then it is killed."""
STARTS_TRIED = 3
LEFT_SHARE = 0.5
"""Of the memory that a job may take beside what a new child has: where earlier jobs left more in a child, the job gets a new one."""
FEWEST_JOBS = 5
"""After which that may be: what the first ones leave, libraries and what is encoded, a new child would soon have too."""
GIVEN_BACK_SECONDS, LOOKS = 0.5, 10
"""A child answers before it gives back what a job took; until when, and how often, it is looked whether it has."""


@dataclass(frozen=True)
class Limits:
    """What one job may take: seconds until it is killed, resident MB of its process tree, and when to stop it early."""

    seconds: float | None
    memory_mb: float | None
    stopped: Callable[[], str]
    """The reason why the job should be killed now; empty while it should not."""
    memory_from: str = "limits.trial_memory_mb"
    """Where the limit of memory comes from."""
    seconds_from: str = "limits.trial_minutes"
    since: float | None = None
    """The time.monotonic() from which the seconds count; None: from when a child has the job."""


class _Worker:
    """One child process, its job connection, and the pipe whose end tells it that its parent is gone."""

    def __init__(self, child: Child) -> None:
        self.process, self.connection, life = child
        self._life = [life]
        self.ready, self.jobs, self._fresh_mb = False, 0, 0.0
        self._children: list[psutil.Process] = []
        self._next_census = 0.0

    def end(self) -> None:
        """Kills the process and waits for its end; one that is not born yet ends when it is."""
        self.kill()
        self.connection.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self.ready:
                self.process.wait(DEATH_SECONDS)
        self.process.close()

    def kill(self) -> None:
        """Kills the process, from whatever thread; where its nursery died, by the end of the pipe."""
        self.process.kill()
        with contextlib.suppress(IndexError):  # closed already
            os.close(self._life.pop())

    def come_up(self) -> None:
        """Takes the child's word that its libraries are loaded. Raises EOFError, OSError."""
        self.connection.recv_bytes()
        self.ready, self._fresh_mb = True, self.memory_mb()

    def is_full(self, memory_mb: float | None) -> bool:
        """Whether a job of such a limit could be killed for what earlier ones left, memory that C libraries keep or that is in pieces."""
        if memory_mb is None or self.jobs < FEWEST_JOBS:
            return False
        most = self._fresh_mb + LEFT_SHARE * max(0.0, memory_mb - self._fresh_mb)
        for _ in range(LOOKS):
            if self.memory_mb() <= most:
                return False
            time.sleep(GIVEN_BACK_SECONDS / LOOKS)
        return True

    def memory_mb(self) -> float:
        """Resident MB of the process and its children, which are looked for once a second: that reads of every process there is."""
        try:
            root, now = psutil.Process(self.process.pid), time.monotonic()
            if now >= self._next_census:
                self._children, self._next_census = root.children(recursive=True), now + CENSUS_SECONDS
            return sum(map(_resident_mb, [root, *self._children]))
        except psutil.Error:
            self._next_census = 0.0
            return 0.0


def _resident_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.Error:  # a child of the child that has ended
        return 0.0


class WorkerPool:
    """At most `width` children, started when first needed, used one job at a time. Thread-safe."""

    def __init__(self, width: int, threads: int = 1, preload: str = "") -> None:
        self.width, self._threads, self._preload = width, threads, preload
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(width)
        self._closed = False

    def warm(self) -> None:
        """Has the libraries of its children loaded while the caller does something else."""
        begin_nursery(self._threads, self._preload)

    def run(self, job: dict[str, Any], limits: Limits) -> dict[str, Any]:
        """Carries out a job in a child; an answer with state failed or skipped where the child had to be killed or died.

        Then too it says when the job began and ended, and where.
        """
        with self._places:
            begun, worker = time.time(), self._sent(job, limits)
            answer = _never_started(limits) if worker is None else self._answered(worker, limits)
            return {"started": utc(begun), "ended": utc(time.time()), "host": socket.gethostname(), **answer}

    def _answered(self, worker: _Worker, limits: Limits) -> dict[str, Any]:
        """The child's answer; the child takes further jobs if it is alive, and is ended whatever else went wrong."""
        alive = False
        try:
            answer = _answer_of(worker, limits)
            alive = bool(answer.pop("alive", True))
            return answer
        finally:
            if alive:
                self._give_back(worker)
            else:
                self._discard(worker)

    def close(self) -> None:
        """Kills every child."""
        with self._lock:
            self._closed = True
            for worker in self._idle:
                worker.end()
                self._all.discard(worker)
            self._idle.clear()
            for worker in self._all:
                worker.kill()

    def _start(self) -> _Worker:
        worker = _Worker(new_child(self._threads, self._preload))
        self._all.add(worker)
        return worker

    def _sent(self, job: dict[str, Any], limits: Limits) -> _Worker | None:
        """A child that was given the job; None where none can be started. What killed one that was idle is no fault of the job."""
        for _ in range(STARTS_TRIED):
            worker = self._take(limits)
            if worker is None:
                break
            try:
                worker.connection.send_bytes(json.dumps(job).encode())
                worker.jobs += 1
            except OSError:
                self._discard(worker)
                continue
            return worker
        return None

    def _take(self, limits: Limits) -> _Worker | None:
        """A child that has loaded its libraries; None where none can be started, or the job is stopped before."""
        for _ in range(STARTS_TRIED):
            with self._lock:
                self._forget_the_dead()
                if self._closed:
                    return None
                worker = self._idle.pop(0) if self._idle else self._start()
            if worker.is_full(limits.memory_mb):
                new = self._instead_of(worker)
                if new is None:
                    return None
                worker = new
            if worker.ready:
                return worker
            try:
                while not worker.connection.poll(LOOK_SECONDS):
                    if limits.stopped():
                        self._give_back(worker)  # it is not to blame, and of use when it is there
                        return None
                worker.come_up()
            except (EOFError, OSError):
                self._discard(worker)
                continue
            return self._unless_closed(worker)
        return None

    def _unless_closed(self, worker: _Worker) -> _Worker | None:
        """None where the pool was closed while the child came up."""
        if self._closed:
            self._discard(worker)
            return None
        return worker

    def _instead_of(self, worker: _Worker) -> _Worker | None:
        """A new child; none for a pool that is closed."""
        self._discard(worker)
        with self._lock:
            return None if self._closed else self._start()

    def _forget_the_dead(self) -> None:
        """Children that ended while they were idle, killed for want of memory perhaps. Those that never came up are counted as tries."""
        for worker in [one for one in self._idle if one.ready and one.process.poll() is not None]:
            self._idle.remove(worker)
            self._all.discard(worker)
            worker.end()

    def _give_back(self, worker: _Worker) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(worker)
                return
        self._discard(worker)

    def _discard(self, worker: _Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.end()


def _answer_of(worker: _Worker, limits: Limits) -> dict[str, Any]:
    begun = time.monotonic() if limits.since is None else limits.since
    peak = 0.0
    while not _has_said(worker):
        peak = max(peak, worker.memory_mb())
        reason = _over(limits, time.monotonic() - begun, peak)
        if reason is not None:
            return {**reason, "alive": False, "peak_memory_mb": round(peak, 1)}
    try:
        answer: dict[str, Any] = json.loads(worker.connection.recv_bytes())
    except (EOFError, OSError):
        ended = _stopped(limits) or _died(_exit_code(worker))  # who stops the run twice kills the children
        return {**ended, "alive": False, "peak_memory_mb": round(peak, 1)}
    return answer


def _has_said(worker: _Worker) -> bool:
    """Whether there is an answer, or the end of the connection, within LOOK_SECONDS."""
    try:
        return worker.connection.poll(LOOK_SECONDS)
    except (EOFError, OSError):
        return True


def _exit_code(worker: _Worker) -> int:
    """Of a child that has closed its connection."""
    try:
        return worker.process.wait(DEATH_SECONDS)
    except subprocess.TimeoutExpired:
        worker.process.kill()
        return worker.process.wait()


def _over(limits: Limits, seconds: float, memory_mb: float) -> dict[str, Any] | None:
    """Why a job is ended now, and of one whose time is up what it took so far, which tells how long such ones take at least."""
    if limits.seconds is not None and seconds > limits.seconds:
        limit = f"over its time limit of {limits.seconds:.1f} s ({limits.seconds_from})"
        return {"state": "failed", "reason": f"killed after {seconds:.1f} s: {limit}", "fit_seconds": round(seconds, 4)}
    if limits.memory_mb is not None and memory_mb > limits.memory_mb:
        limit = f"over its memory limit of {limits.memory_mb:.0f} MB ({limits.memory_from})"
        return {"state": "failed", "reason": f"killed at {memory_mb:.0f} MB resident: {limit}"}
    return _stopped(limits)


def _stopped(limits: Limits) -> dict[str, Any] | None:
    """Of a run that is asked to stop: what is not done will be carried out by the next start."""
    stopped = limits.stopped()
    return {"state": "skipped", "reason": stopped} if stopped else None


def _died(code: int) -> dict[str, Any]:
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return {"state": "failed", "reason": f"its process died: {how}; its log says what it printed last"}


def _never_started(limits: Limits) -> dict[str, Any]:
    failed = {"state": "failed", "reason": f"no worker process could be started in {STARTS_TRIED} tries; the terminal shows why"}
    return _stopped(limits) or failed
