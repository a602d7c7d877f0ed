"""Session: a run as this process carries it out; law: one clock, one pool, one reason to stop; rebuilt from the folder anywhere."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from bakeoff.algorithms import get_algorithm, no_rounds, too_large
from bakeoff.data import available_mb
from bakeoff.errors import BakeoffError, DiskFullError, PublishingError, WriteError
from bakeoff.evaluation import MetricCard
from bakeoff.params import RunParams
from bakeoff.runs import Candidate, RunFolder, Trial
from bakeoff.runs.files import write_text
from bakeoff.search.budgeting import TRIAL_SHARE, width_of
from bakeoff.search.children import begin_nursery
from bakeoff.search.clock import Clock
from bakeoff.search.competing import primary_metric
from bakeoff.search.preparing import Prepared
from bakeoff.search.workers import Limits, WorkerPool

__all__ = [
    "FIRST_RESERVE_SECONDS",
    "SEARCHING",
    "Session",
    "end_session",
    "holding",
    "request_stop",
    "session_for",
    "train_candidate",
    "warm_children",
]

FIRST_RESERVE_SECONDS = 2.0
"""Kept for ranking, evaluation and report until their real cost was seen."""
KILLED_AFTER = 2.0
"""Times what a trial may take after which one is killed that looks at no deadline, such as a kernel machine: its fit may never end."""
FIRST_SHARE = 0.5
"""Of the run's limit, what the first boosters may take: on a large table one that goes on is better than two that are cut off."""
LATE_SHARE, LATE_SECONDS = 0.05, 5.0
"""Of the limit, and seconds, by which a run may be late, whichever is more."""
REPORT_SECONDS = 1.0
STOPPED_SECONDS = 20.0
"""What ensembles may take where a person who asked for the run's end waits."""
SEARCHING = "training candidates"
MEMORY_SHARE = 0.8
STEPS_AT_ONCE = 2
"""Steps after the search side by side at most: the assemblies of two ensembles, which take as much as all their members."""
LEAST_MB = 500.0
"""What a child may hold in any case, where params do not say it: its libraries are part of it, and of what is not free any more."""
PRELOADED = ",".join(("numpy", "pandas", "pyarrow.feather", "sklearn.metrics", "sklearn.pipeline", "bakeoff.search.trying"))


@dataclass
class Session:
    """What `train_candidate` and the loop share within a process."""

    run: RunFolder
    params: RunParams
    clock: Clock
    metric: MetricCard
    pool: WorkerPool
    memory_mb: float
    """Of a trial's child."""
    memory_from: str
    facts: dict[str, Any]
    reserve_seconds: float = FIRST_RESERVE_SECONDS
    closing_seconds: float = 0.0
    """Kept beside it for measuring latencies and a refit."""
    stop_reason: str = ""
    """Why trials under way are given up: a person or the machine asked for it."""
    ended: str = ""
    """Why no further trial begins, while those under way go on."""
    last: int | None = None
    """Without a clock, the place in the plan of the trial at which a rule ended the search: those after it, under way or not, are none."""
    unwritable: DiskFullError | None = None
    """Set where a trial could not be written: no further one begins, and the run stays resumable."""
    steps: list[tuple[str, float]] = field(default_factory=lambda: [("starting", 0.0)])
    """What the run did in this process, in order, and from which of its seconds on."""
    ensembles: list[dict[str, Any]] = field(default_factory=list)
    ensemble_seconds: float = 0.0
    grown_from: frozenset[str] = frozenset()
    """The trials that the ensembles were chosen among."""
    first_boosters: frozenset[int] = frozenset()
    """Places in the plan of the first candidates that are useful when cut off, one for each core."""
    measured: dict[str, dict[str, float]] = field(default_factory=dict)
    """The ensembles' latencies, by name, as far as there was time to measure them."""

    @property
    def doing(self) -> str:
        """What the run is doing now."""
        return self.steps[-1][0]

    def begin(self, step: str) -> None:
        """Notes, in the run's facts too, that the run does something else from now on."""
        if step != self.doing:
            self.steps.append((step, round(self.clock.elapsed(), 2)))
            self.run.update_facts(steps=self.steps)

    @property
    def clocked(self) -> bool:
        """Whether a clock, not the number of trials alone, decides what is tried."""
        return self.params.limits.max_minutes is not None or self.params.limits.trial_minutes is not None

    @cached_property
    def prepared(self) -> Prepared:
        """The run's data, opened once."""
        return Prepared(self.run.path)

    @property
    def guardrails(self) -> tuple[dict[str, str], ...]:
        """What was looked for in the data: name, state, seen, done; empty before it is prepared."""
        return tuple(self.run.read_json("guardrails.json")) if self.run.has("guardrails.json") else ()

    def search_left(self) -> float | None:
        """Seconds left for trials; None where no clock rules."""
        return self.clock.left(self.reserve_seconds + self.closing_seconds)

    def trial_seconds(self, candidate: Candidate) -> float | None:
        """Seconds that a trial may take, so that many get their turn; None where no clock rules."""
        share = FIRST_SHARE if candidate.index in self.first_boosters else TRIAL_SHARE
        return None if self.clock.limit is None else share * self.clock.limit

    def asked_to_stop(self) -> str:
        """Why a person or the machine, in whatever process, asked the run to end; empty where nobody did."""
        if not self.stop_reason and (self.run.path / "stop").exists():
            self.stop_reason = (self.run.path / "stop").read_text() or "stopped"
        return self.stop_reason

    def planned_seconds(self) -> dict[str, float]:
        """What each step from the search on was planned to take, where a clock rules the search."""
        begun = next((second for step, second in self.steps if step == SEARCHING), 0.0)
        end = self.reserve_seconds + self.closing_seconds
        searched = {} if self.clock.limit is None else {SEARCHING: self.clock.limit - end - begun}
        planned = {**searched, "ranking": self.reserve_seconds, "measuring": self.closing_seconds}
        return {step: round(seconds, 2) for step, seconds in planned.items()}

    def may_end_in(self) -> float | None:
        """Seconds after which what puts an ensemble together is killed; None where nobody waits.

        What is left, or what was kept for it where a resumed run comes late, and nearly what a run may be late by.
        """
        limit, left = self.clock.limit, self.clock.left()
        patience = [STOPPED_SECONDS] if self.asked_to_stop() else []
        if limit is not None and left is not None:
            patience.append(max(left, self.reserve_seconds) + max(LATE_SHARE * limit, LATE_SECONDS) - REPORT_SECONDS)
        return min(patience, default=None)

    def stopped(self) -> str:
        """Why no further trial should begin or go on; empty while they should."""
        if reason := self.asked_to_stop():
            return reason
        left = self.search_left()
        return "the run's time is up (limits.max_minutes)" if left is not None and left <= 0 else ""

    def train(self, candidate: Candidate) -> Trial:
        """A candidate's trial, fitted in a child process within its limits. Raises DiskFullError.

        The baseline takes no time to speak of, and is carried out however late it is, so that there is a predictor.
        """
        if self.unwritable is not None:
            raise self.unwritable
        timeless = candidate.origin == "baseline"
        stopped = self.asked_to_stop if timeless else partial(_stopped, self, candidate)
        reason = stopped() or ("" if timeless else self.ended) or _too_large(candidate, self.prepared)
        if reason:
            return Trial(candidate, "skipped", reason)
        own, left = self.params.limits.trial_minutes, None if timeless else self.search_left()
        hard = None if own is None else own * 60
        share = hard if timeless else self.trial_seconds(candidate)
        killed = KILLED_AFTER * share if hard is None and share is not None and _is_stubborn(candidate) else hard
        job = {
            "call": "bakeoff.search.trying:carry_out",
            "candidate": candidate.to_json(),
            "run": str(self.run.path.resolve()),
            "seed": self.params.search.seed,
            "ends": None if left is None else time.monotonic() + left,  # not how long it may take: it may wait for a child
            "asked": time.time(),
            "seconds": hard,
            "share": share,
            "log": str(self.run.path.resolve() / "trials" / f"{candidate.id}.log"),
            "facts": self.facts,
        }
        why = "limits.trial_minutes" if hard is not None else f"{KILLED_AFTER:g} times what a trial may take under limits.max_minutes"
        answer = _written(self.pool.run(job, Limits(killed, self.memory_mb, stopped, self.memory_from, why)))
        return Trial.from_json({"candidate": candidate.to_json(), **answer})

    def in_child(
        self, call: str, job: dict[str, Any], seconds: float | None, stopped: Callable[[], str] = str, memory_mb: float | None = None
    ) -> dict[str, Any]:
        """Carries out a step after the search, `module:function`, in a child process, killed after `seconds`; its answer.

        They count from now on, though it may wait for another step's child: who waits for the run's end waits for both.
        Where no limit of memory is given it has its share of what is free now, when no trial takes any. Raises DiskFullError.
        """
        step = call.partition(":")[0].rpartition(".")[2]
        log = self.run.path.resolve() / "trials" / f"{'-'.join(filter(None, [step, job.get('name')]))}.log"
        share, source = MEMORY_SHARE / STEPS_AT_ONCE, self.memory_from
        if memory_mb is None:
            memory_mb, source = max(LEAST_MB, available_mb() * share), f"{share:.0%} of the free memory"
        limits = Limits(seconds, memory_mb, stopped, source, "limits.max_minutes", since=time.monotonic())
        return _written(self.pool.run({"call": call, "log": str(log), **job}, limits))


_sessions: dict[Path, Session] = {}
_lock = threading.Lock()


def session_for(run: RunFolder) -> Session:
    """This process's session of a run."""
    key = run.path.resolve()
    with _lock:
        if key not in _sessions:
            _sessions[key] = _new_session(RunFolder(key))
        return _sessions[key]


def warm_children(params: RunParams) -> None:
    """Has the libraries of a run's children loaded that cannot begin yet."""
    begin_nursery(params.compute.cores_per_trial, PRELOADED)


def end_session(run: RunFolder) -> None:
    """Ends the run's children in this process."""
    with _lock:
        session = _sessions.pop(run.path.resolve(), None)
    if session is not None:
        session.pool.close()


@contextlib.contextmanager
def holding(run: RunFolder) -> Iterator[None]:
    """Ends the run as failed by a user's mistake, and leaves it for the next start by anything else; its children end in any case."""
    try:
        yield
    except (WriteError, PublishingError):
        raise  # the same command goes on where there is space again, or a share that answers, or publishes
    except BakeoffError as mistake:
        run.close("failed", str(mistake))
        raise
    finally:
        end_session(run)
        run.lock.release()


def request_stop(run: RunFolder, reason: str) -> None:
    """Asks the run, in whatever process, to end with what it has; trials under way are given up."""
    if not (run.path / "stop").exists():  # trials are skipped for the first reason, and carried out by the next start as they name it
        write_text(run.path / "stop", reason)
    with _lock:
        session = _sessions.get(run.path.resolve())
    if session is not None:
        session.asked_to_stop()


def train_candidate(run_path: str, candidate: dict[str, Any]) -> str:
    """Carries out one candidate and records its trial; the trial's state. A trial that is recorded already is not fitted again.

    Raises DiskFullError where the trial cannot be written: it is then none, and carried out again by the next start.
    """
    run = RunFolder(run_path)
    proposed = Candidate.from_json(candidate)
    trial = run.trial(proposed.id)
    if trial is None:
        session = session_for(run)
        try:
            trial = session.train(proposed)
            run.record(trial)
        except DiskFullError as full:
            session.unwritable = full
            raise
    return trial.state


def _new_session(run: RunFolder) -> Session:
    facts, params = run.facts(), run.params()
    width = width_of(params)
    metric = primary_metric(params)
    experiment = {"experiment": params.name, "run": run.id, "data_digest": facts["data_digest"], "params_digest": facts["params_digest"]}
    own, free = params.limits.trial_memory_mb, available_mb() * MEMORY_SHARE / width
    return Session(
        run=run,
        params=params,
        clock=Clock(facts["started"], facts["seconds_used"], params.limits.max_minutes),
        metric=metric,
        pool=WorkerPool(width, params.compute.cores_per_trial, PRELOADED),
        memory_mb=own or max(LEAST_MB, free),
        memory_from="limits.trial_memory_mb" if own else f"{MEMORY_SHARE:.0%} of the free memory, over {width} side by side",
        facts={**experiment, "libraries": facts["libraries"], "metric": metric.name},
    )


def _stopped(session: Session, candidate: Candidate) -> str:
    """Why a candidate's trial should not begin or go on."""
    return session.stopped() or (session.ended if session.last is not None and candidate.index > session.last else "")


def _written(answer: dict[str, Any]) -> dict[str, Any]:
    """A child's answer. Raises DiskFullError where it could not write."""
    if "disk_full" in answer:
        raise DiskFullError(**answer["disk_full"])
    return answer


def _is_stubborn(candidate: Candidate) -> bool:
    card = get_algorithm(candidate.algorithm)
    return not card.early_stopping and card.rounds is no_rounds


def _too_large(candidate: Candidate, prepared: Prepared) -> str:
    return too_large(get_algorithm(candidate.algorithm), prepared.facts)
