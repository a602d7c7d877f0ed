"""The loop: propose, submit, record, show; law: one loop for notebook and flow, which differ only in how a candidate is launched."""

import contextlib
import math
import queue
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from bakeoff.algorithms import get_algorithm
from bakeoff.runs import Candidate, RunFolder, Trial, attempt, best_row, extend_plan
from bakeoff.search.budgeting import encoding_seconds, expected_seconds, width_of
from bakeoff.search.clock import soft
from bakeoff.search.closing import closing_seconds, complete
from bakeoff.search.ensembles import MOST_MEMBERS, ensemble_rows, load_libraries
from bakeoff.search.outdone import outdone_recipes, what_recipes_make
from bakeoff.search.planning import make_plan
from bakeoff.search.proposing import LAG, is_tuners_turn, proposal, trial_limit
from bakeoff.search.ranking import build_leaderboard, is_better
from bakeoff.search.session import FIRST_RESERVE_SECONDS, Session, session_for
from bakeoff.search.tuning import tuner_available

__all__ = ["Launch", "Progress", "Snapshot", "announce", "bake", "on_threads", "refresh", "unwatched"]

COPIED_MB_PER_SECOND = 100
"""Predictors read, checked and written again as the ensemble's."""
AHEAD = 1
"""Candidates under a clock that wait beside those under way, so that no core is idle while the ensemble is grown."""
LATE = "nothing that is left to try would end in time (limits.max_minutes)"
FIRST_USABLE = 1
"""The place in a plan under a clock of the cheapest candidate, which is begun however late: some predictor there has to be."""
TRUNCATED = 2.0
"""What stops at its deadline with what it has learned is begun although it would take up to so many times the time it may."""
FIRST_TRUNCATED = 20.0
"""The same for the first of them in the plan, one for each core: of a million rows in a minute, a tenth of its rounds are better than all
of a smaller one."""
IDLE_TRUNCATED = 5.0
"""The same where a core has nothing else to do."""
ENSEMBLE_SHARE = 0.03
"""Of the run's CPU seconds that growing ensembles during the run may take."""


class Launch(Protocol):
    """How candidates are carried out. Futures have add_done_callback and result."""

    def map(self, candidates: list[Candidate]) -> Iterable[Any]: ...
    def submit(self, candidate: Candidate) -> Any: ...


@dataclass(frozen=True)
class Progress:
    """Where a run stands."""

    elapsed_seconds: float
    left_seconds: float | None
    search_ends: float | None
    """The time.time() at which trials under way should be back; None where no clock rules."""
    doing: str
    done: int
    failed: int
    skipped: int
    planned: int | None
    best_name: str
    best_score: float | None


@dataclass(frozen=True)
class Snapshot:
    """Leaderboard and progress of one moment."""

    leaderboard: dict[str, Any]
    progress: Progress
    guardrails: tuple[dict[str, str], ...] = ()
    """What was looked for in the data before training: name, state, seen, done."""


class _Search:
    """The loop's memory: the plan, the trials that came back, those under way, and the next place in the plan."""

    def __init__(self, run: RunFolder, launch: Launch) -> None:
        self.run, self.launch, self.session = run, launch, session_for(run)
        self.prepared = self.session.prepared
        self.plan = make_plan(run)
        boosters = [c.index for c in self.plan if c.index > FIRST_USABLE and _stops_early(c)]
        self.session.first_boosters = frozenset(boosters[: width_of(self.session.params)])
        self.next = 0
        self.put_off: list[Candidate] = []
        """Known beforehand and not begun yet, in the plan's order: looked at again each time, when more is known."""
        self.trials: dict[int, Trial] = {}
        self.made = what_recipes_make(self.prepared)
        self.under_way: set[int] = set()
        self.events: queue.SimpleQueue[tuple[Candidate, Any]] = queue.SimpleQueue()
        self.ended = ""
        for candidate in self.plan:  # an interrupted run's trials are known from the start: the tuner goes on from all of them
            self._recorded(candidate)

    def begin(self) -> None:
        """One map over the candidates known beforehand that need no history; those that have a trial already are not tried again."""
        known = width_of(self.session.params) + AHEAD if self.session.clocked else LAG
        first = [c for _ in range(known) if (c := self._from_plan()) and not self._recorded(c)]
        self.under_way |= {c.index for c in first}
        if first:
            for candidate, future in zip(first, self.launch.map(first), strict=True):
                self._follow(candidate, future)

    def propose(self) -> bool:
        """Submits the next candidate if its turn has come; False where it has not, or the search has ended."""
        seen = None if self.ended else self._visible()
        if seen is None:
            return False
        self.ended = self.session.stopped() or self._rule(seen)
        candidate = None if self.ended else self._next_candidate(seen)
        if candidate is None:
            self.session.ended = self.ended if self.session.clocked and not self._all_begun() else ""
            return False
        if not self._recorded(candidate):
            self.under_way.add(candidate.index)
            self._follow(candidate, self.launch.submit(candidate))
        return True

    def give_up(self) -> None:
        """Records what was put off to the end as skipped, with the reason why it was not begun."""
        for candidate in self.put_off:
            if not self._recorded(candidate):
                reason = self.session.asked_to_stop() or self._too_slow(candidate) or self.ended or self.session.stopped()
                self.trials[candidate.index] = Trial(candidate, "skipped", reason)
                self.run.record(self.trials[candidate.index])

    def _too_slow(self, candidate: Candidate, patience: float = 1.0) -> str:
        """Why a candidate should not be begun so late, or at all under such a limit; empty where it should.

        It may be expected to take `patience` times what it may at least.
        """
        left = self.session.search_left()
        if not self.session.clocked or left is None or candidate.index <= FIRST_USABLE:
            return ""
        trials = self.in_order()
        expected = expected_seconds(candidate, self.prepared.facts, len(self.prepared.folds), trials)
        allowed = min(soft(left - encoding_seconds(candidate, trials)), self.session.trial_seconds(candidate) or math.inf)
        first = candidate.index in self.session.first_boosters
        patience = max(patience, FIRST_TRUNCATED if first else TRUNCATED if _stops_early(candidate) else 1.0)
        return f"it would take about {expected:.0f} s, of {max(0.0, allowed):.0f} s that it may" if expected > patience * allowed else ""

    def collect(self, seconds: float) -> None:
        """Waits for trials to come back, `seconds` at most."""
        try:
            candidate, future = self.events.get(timeout=max(0.01, seconds))
        except queue.Empty:
            return
        self.under_way.discard(candidate.index)
        if not self._recorded(candidate):
            if self.session.unwritable is not None:
                raise self.session.unwritable
            failure = attempt(future.result).failure
            trial = Trial(candidate, "failed", f"its task ended without a trial: {failure or 'no reason given'}")
            self.run.record(trial)
            self.trials[candidate.index] = trial

    def _recorded(self, candidate: Candidate) -> bool:
        trial = self.run.trial(candidate.id)
        if trial is not None:
            self.trials[candidate.index] = trial
        return trial is not None

    def _next_candidate(self, seen: list[Trial]) -> Candidate | None:
        begun, clock, beyond = len(self.trials) + len(self.under_way), self.session.clock, self._is_beyond_limit()
        tuners = not beyond and is_tuners_turn(begun, clock.elapsed(), clock.limit)
        planned = None if tuners else self._from_plan()
        if planned is not None:
            return planned
        if self.put_off and beyond:
            candidate, otherwise = None, LATE
        else:
            candidate, otherwise = _from_tuner(self.session, self.plan, seen, lambda one: not self._too_slow(one))
        if candidate is None:
            planned = self._from_plan() if tuners else None
            if planned is None and (not self.session.clocked or not self.under_way):
                self.ended = otherwise  # while something is under way it tells the pace: what was put off may fit after all
            return planned
        self.plan.append(candidate)
        self.next = len(self.plan)
        extend_plan(self.run, [candidate])
        return candidate

    def _from_plan(self) -> Candidate | None:
        """The next candidate known beforehand; under a clock the first that would end in time, those of outdone recipes last.

        Where none would, and a core has nothing to do, the first that is worth something cut off.
        """
        if not self.session.clocked:
            following = self.plan[self.next : self.next + 1]
            self.next += len(following)
            return following[0] if following else None
        waiting = [*self.put_off, *self.plan[self.next :]]
        self.next, self.put_off = len(self.plan), waiting
        whole = [trial for trial in self.in_order() if trial.candidate.index > FIRST_USABLE]
        outdone = outdone_recipes(whole, self.session.metric, self.prepared.dealing, self.made)
        in_turn = sorted(waiting, key=lambda one: self.made(one.recipe) in outdone)
        fitting = (one for one in in_turn if self._recorded(one) or not self._too_slow(one))
        idle = len(self.under_way) < width_of(self.session.params)
        cut_off = (one for one in in_turn if idle and _stops_early(one) and not self._too_slow(one, IDLE_TRUNCATED))
        chosen = next(fitting, None) or next(cut_off, None)
        self.put_off = [one for one in waiting if one is not chosen]
        return chosen

    def in_order(self) -> list[Trial]:
        return [self.trials[index] for index in sorted(self.trials)]

    def _visible(self) -> list[Trial] | None:
        """The trials that the next proposal and the stopping rules may see; None where it is not yet time to propose."""
        if self.session.clocked:
            free = len(self.under_way) < width_of(self.session.params) + AHEAD
            return self.in_order() if free else None
        horizon = self.next - LAG
        if any(index not in self.trials for index in range(max(0, horizon + 1))):
            return None
        return [self.trials[index] for index in range(max(0, horizon + 1))]

    def _rule(self, seen: list[Trial]) -> str:
        params, metric = self.session.params, self.session.metric
        if self._all_begun():
            return f"all {trial_limit(params)} trials are carried out"
        best, since = float("nan"), 0
        for trial in sorted(seen, key=lambda t: t.ended) if self.session.clocked else seen:  # a clock begins them in another order
            score = trial.scores.get(metric.name, float("nan")) if trial.state == "done" else float("nan")
            since = 0 if is_better(score, best, metric) else since + 1
            best = score if is_better(score, best, metric) else best
        wanted = params.limits.exit_score
        if wanted is not None and best == best and not is_better(wanted, best, metric):
            return f"the score {best:.6g} reached limits.exit_score"
        patience = params.limits.trials_without_improvement
        return f"{since} trials without improvement" if patience is not None and since >= patience else ""

    def _all_begun(self) -> bool:
        """Whether as many candidates were submitted as limits.max_trials allows; they all have their turn."""
        return self._is_beyond_limit() and not self.put_off

    def _is_beyond_limit(self) -> bool:
        most = trial_limit(self.session.params)
        return most is not None and self.next > most

    def _follow(self, candidate: Candidate, future: Any) -> None:
        future.add_done_callback(lambda done: self.events.put((candidate, done)))


def _stops_early(candidate: Candidate) -> bool:
    return get_algorithm(candidate.algorithm).useful_when_cut_off


def _from_tuner(
    session: Session, plan: list[Candidate], seen: list[Trial], fits: Callable[[Candidate], bool]
) -> tuple[Candidate | None, str]:
    """The tuner's next candidate, and what it means where there is none."""
    if not tuner_available():
        remedy = 'a tuner goes on from there where Optuna is installed: pip install "bakeoff[search]"'
        return None, f"the portfolio is carried out; {remedy}"
    candidate = proposal(session.params, session.prepared.facts, plan, seen, fits, len(session.prepared.folds))
    return candidate, LATE if session.clocked else "every setting was tried"


def bake(run: RunFolder, launch: Launch, watch: Callable[[Snapshot], None]) -> str:
    """Carries out the run's candidates until a limit ends it; why it ended.

    `watch` is shown the leaderboard at the interval that params name, and once at the end.
    """
    search = _Search(run, launch)
    session = search.session
    session.begin("training candidates")
    interval = session.params.leaderboard.interval_seconds
    search.begin()
    shown = -1e9
    while True:
        while search.propose():
            pass
        if not search.under_way and (search.ended or session.stopped()):
            break
        if time.monotonic() - shown >= interval:
            refresh(session, search.in_order(), watch)
            shown = time.monotonic()
        search.collect(interval - (time.monotonic() - shown))
    search.give_up()
    session.run.update_facts(planned_end_seconds=round(session.reserve_seconds + session.closing_seconds, 2))
    session.begin("ranking")
    return session.stopped() or search.ended or "all candidates are carried out"


def refresh(session: Session, trials: list[Trial], watch: Callable[[Snapshot], None], final: bool = False) -> Snapshot:
    """Grows the ensembles where there are new members and their share of time allows it (always where `final`), writes leaderboard and
    progress, and shows them."""
    run, prepared = session.run, session.prepared
    done = frozenset(t.id for t in trials if t.state == "done")
    if session.params.search.ensemble and done != session.grown_from and (final or _is_affordable(session)):
        load_libraries()  # not counted: the end will not wait for them again
        begun, cpu = time.monotonic(), time.process_time()
        grown = attempt(
            lambda: ensemble_rows(run, trials, session.metric, session.params.search.seed),
            lambda failure: run.update_facts(ensemble_failure=str(failure)),  # such as of a user's own metric, for which trials were fine
        )
        session.ensembles = grown.value or []
        # beside trials it takes longer by the clock than at the end, and beside validation its process uses more
        used = min(time.monotonic() - begun, time.process_time() - cpu)
        session.ensemble_seconds += used
        session.grown_from = done
        session.reserve_seconds = _reserve(session, trials, used)
    planned = trial_limit(session.params)
    most = None if planned is None else planned + 1
    session.closing_seconds = closing_seconds(session, trials)
    ranked = build_leaderboard(trials, session.metric, prepared.schema.task, session.ensembles, most, prepared.dealing)
    board = complete(run, session.params, ranked)
    run.write_json("leaderboard.json", board)
    best = best_row(board["rows"]) or {"name": "", "score": None}
    counts = board["counts"]
    progress = Progress(
        elapsed_seconds=round(session.clock.elapsed(), 2),
        left_seconds=session.clock.left(),
        search_ends=None if (left := session.search_left()) is None else round(time.time() + left, 2),
        doing=session.doing,
        done=counts["done"],
        failed=counts["failed"],
        skipped=counts["skipped"],
        planned=counts["planned"],
        best_name=best["name"],
        best_score=best["score"],
    )
    run.write_json("progress.json", vars(progress))
    snapshot = Snapshot(board, progress, session.guardrails)
    watch(snapshot)
    return snapshot


def announce(run: RunFolder, doing: str, watch: Callable[[Snapshot], None]) -> None:
    """Shows what the run is doing now."""
    session = session_for(run)
    session.begin(doing)
    refresh(session, run.trials(), watch)


def _reserve(session: Session, trials: list[Trial], ensemble_seconds: float) -> float:
    """Seconds the end will take, from what was seen: the ensembles once more, their members read and written, the test part scored."""
    copied = [name for row in session.ensembles for name in row["members"]]
    megabytes = sum(t.predictor_bytes * copied.count(t.candidate.name) for t in trials) / 2**20
    return FIRST_RESERVE_SECONDS + 1.2 * _later(session, trials) * ensemble_seconds + megabytes / COPIED_MB_PER_SECOND


def _later(session: Session, trials: list[Trial]) -> float:
    """How many times as many members an ensemble will be chosen from at the end, where trials go on ending at this pace."""
    done = sum(t.state == "done" and t.candidate.origin != "baseline" for t in trials)
    limit, now = session.clock.limit, min(MOST_MEMBERS, done)
    if limit is None or not now:
        return 1.0
    return max(1.0, min(MOST_MEMBERS, now * limit / session.clock.elapsed()) / now)


def unwatched(_: Snapshot) -> None:
    """Shows nothing."""


def _is_affordable(session: Session) -> bool:
    """Whether growing the ensembles once more keeps within its share of the run's CPU seconds."""
    return session.ensemble_seconds * 2 < ENSEMBLE_SHARE * session.clock.elapsed() * width_of(session.params)


class _Threads:
    """Launches candidates on threads of this process."""

    def __init__(self, pool: Any, train: Callable[[Candidate], str]) -> None:
        self.pool, self.train = pool, train

    def submit(self, candidate: Candidate) -> "Future[str]":
        future: Future[str] = self.pool.submit(self.train, candidate)
        return future

    def map(self, candidates: list[Candidate]) -> "list[Future[str]]":
        return [self.submit(candidate) for candidate in candidates]


@contextlib.contextmanager
def on_threads(width: int, train: Callable[[Candidate], str]) -> Any:
    """A Launch on `width` threads."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(width) as pool:
        yield _Threads(pool, train)
