"""Turns: which candidate is begun next, and when none is any more; law: known ones in the plan's order, unless they would end too late."""

import math
import queue
from collections.abc import Callable
from typing import Any

from bakeoff.algorithms import get_algorithm
from bakeoff.runs import Candidate, RunFolder, Trial, attempt, extend_plan
from bakeoff.search.budgeting import encoding_seconds, expected_seconds, width_of
from bakeoff.search.clock import soft
from bakeoff.search.launching import Launch
from bakeoff.search.outdone import outdone_recipes, what_recipes_make
from bakeoff.search.planning import make_plan
from bakeoff.search.proposing import LAG, is_tuners_turn, proposal, trial_limit
from bakeoff.search.ranking import is_better
from bakeoff.search.session import Session, session_for
from bakeoff.search.tuning import tuner_available

__all__ = ["Turns"]

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


class Turns:
    """What the loop remembers: the plan, the trials that came back, those under way, and the next place in the plan."""

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
        self.looked_at = 0
        """Trials from the plan's first on that the stopping rules have seen, where no clock rules."""
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
        if not self.session.clocked:
            self._end_where_a_rule_does()
        seen = None if self.ended else self._visible()
        if seen is None:
            return False
        carried_out = f"all {trial_limit(self.session.params)} trials are carried out" if self._all_begun() else ""
        self.ended = self.session.stopped() or carried_out or (_enough(self.session, seen) if self.session.clocked else "")
        candidate = None if self.ended else self._next_candidate(seen)
        if candidate is None:
            self.session.ended = self.ended if self.session.clocked and not self._all_begun() else ""
            return False
        if not self._recorded(candidate):
            self.under_way.add(candidate.index)
            self._follow(candidate, self.launch.submit(candidate))
        return True

    def _end_where_a_rule_does(self) -> None:
        """Without a clock a rule ends the search at the first trial of the plan after which it would, whatever was done beside it."""
        while self.session.last is None and self.looked_at in self.trials and not self.session.asked_to_stop():
            self.looked_at += 1
            reason = _enough(self.session, [self.trials[index] for index in range(self.looked_at)])
            if reason:
                self.ended, self.session.last, self.session.ended = reason, self.looked_at - 1, reason

    def give_up(self) -> None:
        """Records what was put off to the end, or had no turn, as skipped, with the reason why it was not begun.

        Without a clock also what was carried out beside the trial at which a rule ended the search: at another concurrency it was not.
        """
        beyond = [] if self.session.last is None else [t for t in self.in_order() if t.candidate.index > self.session.last]
        for trial in beyond:
            self.trials[trial.candidate.index] = Trial(trial.candidate, "skipped", self.session.ended)
            self.run.record(self.trials[trial.candidate.index])
        for candidate in [*self.put_off, *self.plan[self.next :]]:
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
        tuners = not beyond and is_tuners_turn(len(self.prepared.scored_rows), begun, clock.elapsed(), clock.limit)
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
        """The trials that the next proposal, and under a clock the stopping rules, may see; None where it is not yet time to propose."""
        if self.session.clocked:
            free = len(self.under_way) < width_of(self.session.params) + AHEAD
            return self.in_order() if free else None
        horizon = self.next - LAG
        if any(index not in self.trials for index in range(max(0, horizon + 1))):
            return None
        return [self.trials[index] for index in range(max(0, horizon + 1))]

    def _all_begun(self) -> bool:
        """Whether as many candidates were submitted as limits.max_trials allows; they all have their turn."""
        return self._is_beyond_limit() and not self.put_off

    def _is_beyond_limit(self) -> bool:
        most = trial_limit(self.session.params)
        return most is not None and self.next > most

    def _follow(self, candidate: Candidate, future: Any) -> None:
        future.add_done_callback(lambda done: self.events.put((candidate, done)))


def _enough(session: Session, seen: list[Trial]) -> str:
    """Why these trials are enough; empty where they are not."""
    limits, metric = session.params.limits, session.metric
    best, since = float("nan"), 0
    for trial in sorted(seen, key=lambda t: t.ended) if session.clocked else seen:  # a clock begins them in another order
        score = trial.scores.get(metric.name, float("nan")) if trial.state == "done" else float("nan")
        since = 0 if is_better(score, best, metric) else since + 1
        best = score if is_better(score, best, metric) else best
    wanted = limits.exit_score
    if wanted is not None and best == best and not is_better(wanted, best, metric):
        return f"the score {best:.6g} reached limits.exit_score"
    patience = limits.trials_without_improvement
    return f"{since} trials without improvement" if patience is not None and since >= patience else ""


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
