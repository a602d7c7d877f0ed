"""The loop: the same plan at any concurrency, stopping rules, resuming; carried out by a fake launch, so that it takes no time."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bakeoff.algorithms import get_algorithm
from bakeoff.params import validate
from bakeoff.runs import Candidate, RunFolder, Trial, read_plan
from bakeoff.search import bake, begin_run, end_session, prepare, proposing, request_stop, session_for, showing
from bakeoff.search import turns as room
from bakeoff.search.outdone import what_recipes_make
from bakeoff.search.planning import make_plan
from bakeoff.search.showing import Snapshot, refresh, unwatched
from bakeoff.search.turns import Turns


class Pretend:
    """A launch that makes scores up from the candidate's id, on `width` threads, in any order of completion."""

    def __init__(self, run: RunFolder, width: int, seed: int, until: int = 10**9) -> None:
        self.run, self.until, self.random = run, until, random.Random(seed)
        self.pool = ThreadPoolExecutor(width)
        self.trained: list[int] = []
        self.lock = threading.Lock()

    def map(self, candidates: list[Candidate]) -> list[Future[None]]:
        return [self.submit(c) for c in candidates]

    def submit(self, candidate: Candidate) -> Future[None]:
        return self.pool.submit(self.train, candidate)

    def train(self, candidate: Candidate) -> None:
        with self.lock:
            pause = self.random.random() * 0.01
            self.trained.append(candidate.index)
            if len(self.trained) > self.until:
                raise ConnectionError("the machine went away")
        threading.Event().wait(pause)
        score = int(candidate.id, 16) % 1000 / 1000
        np.save(self.run.path / "predictions" / f"{candidate.id}.npy", np.full((90, 2), 0.5))
        scores = {"AUC_weighted": score, "accuracy": score}
        self.run.record(Trial(candidate, "done", scores=scores, fold_scores={"AUC_weighted": (score, score)}, fit_seconds=1_000 * pause))


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"a": rng.normal(size=90), "b": rng.normal(size=90), "y": ["no", "yes"] * 45})


def params(ensemble: bool = False, include: Any = ("lightgbm", "knn", "random_forest"), **limits: Any) -> Any:
    algorithms = {"include": include}
    content = {"name": "loop", "task": "classification", "data": {"train": "x", "target": "y"}, "limits": limits}
    return validate({**content, "search": {"algorithms": algorithms, "ensemble": ensemble}})


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Any]:
    opened: list[RunFolder] = []

    def begin(place: str = "a", ensemble: bool = False, **limits: Any) -> RunFolder:
        run = begin_run(params(ensemble, **limits), root=tmp_path / place, source=table())
        prepare(run)
        opened.append(run)
        return run

    yield begin
    for run in opened:
        end_session(run)
        run.lock.release()


def planned(run: RunFolder) -> list[str]:
    return [c.id for c in read_plan(run)]


def test_a_trial_limited_plan_is_the_same_at_any_concurrency(runs: Any) -> None:
    plans = []
    for place, width in (("one", 1), ("two", 2), ("seven", 7)):
        run = runs(place, max_trials=24)
        why = bake(run, Pretend(run, width, seed=width), unwatched)
        assert why == "all 24 trials are carried out"
        assert [t.candidate.index for t in run.trials()] == list(range(25))
        plans.append(planned(run))
    assert plans[0] == plans[1] == plans[2]
    assert len(set(plans[0])) == 25


def test_an_interrupted_run_goes_on_where_it_stopped_with_the_same_plan(runs: Any) -> None:
    whole = runs("whole", max_trials=22)
    bake(whole, Pretend(whole, 2, seed=0), unwatched)
    cut = runs("cut", max_trials=22)
    pretend = Pretend(cut, 2, seed=1)
    for candidate in _first(cut, 7):
        pretend.train(candidate)
    end_session(cut)
    cut.lock.release()
    again = runs("cut", max_trials=22)
    assert again.path == cut.path
    later = Pretend(again, 2, seed=2)
    bake(again, later, unwatched)
    assert sorted(later.trained) == list(range(7, 23))
    assert planned(again) == planned(whole)


def test_under_a_clock_an_interrupted_runs_trials_are_all_known_when_it_goes_on(runs: Any) -> None:
    cut = runs("cut", max_minutes=10, max_trials=22)
    pretend = Pretend(cut, 2, seed=1)
    for candidate in _first(cut, 7):
        pretend.train(candidate)
    end_session(cut)
    cut.lock.release()
    again = runs("cut", max_minutes=10, max_trials=22)
    assert sorted(Turns(again, pretend).trials) == list(range(7))


def _first(run: RunFolder, count: int) -> list[Candidate]:
    from bakeoff.search import make_plan

    return make_plan(run)[:count]


def test_a_task_that_ends_without_a_trial_is_a_failed_trial(runs: Any) -> None:
    run = runs(max_trials=4)
    bake(run, Pretend(run, 1, seed=0, until=3), unwatched)
    states = [t.state for t in run.trials()]
    assert states == ["done", "done", "done", "failed", "failed"]
    assert run.trials()[-1].reason == "its task ended without a trial: ConnectionError: the machine went away"


def test_the_score_that_is_enough_ends_the_search(runs: Any) -> None:
    run = runs(max_trials=60, exit_score=0.01)
    why = bake(run, Pretend(run, 3, seed=0), unwatched)
    assert "reached limits.exit_score" in why
    assert len(run.trials()) < 25


@pytest.mark.parametrize(
    ("most", "rule"), [(12, {"exit_score": 0.6}), (12, {"trials_without_improvement": 3}), (80, {"trials_without_improvement": 5})]
)
def test_a_rule_ends_the_search_at_the_same_trial_at_any_concurrency(runs: Any, most: int, rule: dict[str, Any]) -> None:
    lasts = []
    for place, width in (("one", 1), ("nine", 9)):
        run = runs(place, max_trials=most, **rule)
        assert ("trials without improvement" if "trials" in str(rule) else "exit_score") in bake(run, Pretend(run, width, width), unwatched)
        done = [trial.candidate.index for trial in run.trials() if trial.state == "done"]
        assert done == list(range(len(done)))
        assert {trial.state for trial in run.trials()[len(done) :]} == {"skipped"}
        lasts.append(len(done))
    assert lasts[0] == lasts[1] < most


def test_what_had_no_turn_is_skipped_with_the_reason(runs: Any) -> None:
    run = runs(max_trials=60, exit_score=0.01, include=None)
    why = bake(run, Pretend(run, 3, seed=0), unwatched)
    assert {trial.reason for trial in run.trials() if trial.state == "skipped"} == {why}
    assert {candidate.id for candidate in read_plan(run)} == {trial.id for trial in run.trials()}


def test_under_a_clock_what_ended_last_is_last_in_the_row_without_improvement(runs: Any) -> None:
    run = runs(max_minutes=10, trials_without_improvement=3)
    plan, session = _first(run, 6), session_for(run)
    for best, why in ((1, ""), (2, "4 trials without improvement")):
        seen = [_ended(c, 0.9 - 0.1 * abs(c.index - best), minute) for c, minute in zip(plan, [0, 5, 1, 2, 3, 4], strict=True)]
        assert room._enough(session, seen) == why


def _ended(candidate: Candidate, score: float, minute: int) -> Trial:
    return Trial(candidate, "done", scores={"AUC_weighted": score}, ended=f"2026-11-25T10:0{minute}:00+00:00")


def test_a_stop_request_ends_the_search_and_says_so(runs: Any) -> None:
    run = runs(max_trials=1000)
    seen: list[Snapshot] = []

    def stop(snapshot: Snapshot) -> None:
        seen.append(snapshot)
        request_stop(run, "stopped by Ctrl-C")

    assert bake(run, Pretend(run, 2, seed=0), stop) == "stopped by Ctrl-C"
    assert seen
    assert len(run.trials()) < 40


def test_a_clock_asks_from_every_finished_trial_and_keeps_width_trials_under_way(runs: Any) -> None:
    run = runs(max_trials=20, max_minutes=5)
    session_for(run)
    bake(run, Pretend(run, 2, seed=0), unwatched)
    assert len(run.trials()) == 21
    assert run.leaderboard()["counts"]["done"] >= 0


def test_the_leaderboard_is_there_while_the_search_goes_on(runs: Any) -> None:
    run = runs(max_trials=5)
    seen: list[Snapshot] = []
    bake(run, Pretend(run, 1, seed=0), seen.append)
    assert seen[0].progress.planned == 6
    assert seen[0].progress.doing == "training candidates"
    assert run.leaderboard()["metric"] == "AUC_weighted"


@pytest.mark.parametrize("what", ["expected_seconds", "encoding_seconds"])
def test_under_a_clock_nothing_is_begun_that_would_not_end_but_the_cheapest(runs: Any, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    run = runs(max_minutes=10)
    monkeypatch.setattr(room, what, lambda *_: 1e6)
    launch = Pretend(run, 2, 0)
    bake(run, launch, unwatched)
    assert sorted(launch.trained) == [0, 1]
    assert all("it would take about" in t.reason for t in run.trials() if t.state == "skipped")


@pytest.mark.parametrize("width", [1, 2])
def test_a_first_booster_for_each_core_is_begun_though_most_of_its_rounds_will_be_cut_off(
    runs: Any, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    run = runs(max_minutes=10)
    monkeypatch.setattr(room, "width_of", lambda _: width)
    monkeypatch.setattr(room, "expected_seconds", lambda *_: 1_800.0)  # six times as long as those may take, ten times what others may
    launch = Pretend(run, 2, 0)
    bake(run, launch, unwatched)
    boosters = [c.index for c in make_plan(run) if c.index > room.FIRST_USABLE and get_algorithm(c.algorithm).useful_when_cut_off]
    assert sorted(launch.trained) == [0, 1, *boosters[:width]]
    assert [session_for(run).trial_seconds(c) for c in make_plan(run) if c.index in boosters[: width + 1]] == [300.0] * width + [180.0]


def test_a_busy_core_waits_for_what_will_end(runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs(max_minutes=10)
    monkeypatch.setattr(room, "width_of", lambda _: 2)
    monkeypatch.setattr(room, "expected_seconds", lambda *_: 720.0)
    search = Turns(run, Pretend(run, 2, 0))
    later = [c for c in search.plan if get_algorithm(c.algorithm).useful_when_cut_off][-1]
    found = []
    for under_way in ({0, 1}, {0}):
        search.plan, search.put_off, search.next, search.under_way = [later], [], 0, under_way
        found.append(search._from_plan())
    assert found == [None, later]


def test_a_core_with_nothing_to_do_has_boosters_that_will_be_cut_off(runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs(max_minutes=10)
    monkeypatch.setattr(room, "expected_seconds", lambda *_: 720.0)  # four times what a trial may take
    launch = Pretend(run, 2, 0)
    bake(run, launch, unwatched)
    boosters = [c.index for c in make_plan(run) if get_algorithm(c.algorithm).useful_when_cut_off]
    assert sorted(launch.trained) == sorted({0, 1, *boosters})


def test_what_seemed_too_slow_is_looked_at_again_when_the_first_trials_tell_the_pace(runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs(max_minutes=10, max_trials=4)

    def expected(_candidate: Candidate, _facts: Any, _folds: int, trials: list[Trial]) -> float:
        assert not session_for(run).ended
        return 1e-3 if trials else 1e6

    monkeypatch.setattr(room, "expected_seconds", expected)
    launch = Pretend(run, 2, 0)
    bake(run, launch, unwatched)
    assert sorted(launch.trained) == [0, 1, 2, 3, 4]


def test_when_half_of_the_time_is_gone_every_second_candidate_is_the_tuners(runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs(max_minutes=10, max_trials=60)
    session, launch = session_for(run), Pretend(run, 1, 0)
    monkeypatch.setattr(room, "expected_seconds", lambda *_: 0.0)
    monkeypatch.setattr(proposing, "LUCKY_ROWS", 0)
    monkeypatch.setattr(session.clock, "elapsed", lambda: 100.0 if len(launch.trained) < 8 else 301.0)
    bake(run, launch, unwatched)
    origins = {c.index: c.origin for c in read_plan(run)}
    begun = [origins[index] for index in launch.trained]
    tuners = [place for place, origin in enumerate(begun) if origin == "tuner"]
    last = max(place for place, origin in enumerate(begun) if origin == "portfolio")
    assert 8 <= tuners[0] <= 12
    assert [place for place in tuners if place < last] == list(range(tuners[0], last, 2))
    assert last > 16
    assert len(begun) == 61


def test_without_a_tuner_the_portfolio_goes_on_by_itself(runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs(max_minutes=10)
    monkeypatch.setattr(session_for(run).clock, "elapsed", lambda: 301.0)
    for place in (room, proposing):
        monkeypatch.setattr(place, "tuner_available", lambda: False)
    launch = Pretend(run, 1, 0)
    bake(run, launch, unwatched)
    assert launch.trained == [c.index for c in read_plan(run)]


def test_trials_under_way_can_read_when_the_search_ends(runs: Any) -> None:
    run = runs(max_trials=3, max_minutes=5)
    seen: list[Snapshot] = []
    bake(run, Pretend(run, 2, seed=0), seen.append)
    session, progress = session_for(run), run.read_json("progress.json")
    ends = session.clock.elapsed() + progress["search_ends"] - time.time()
    assert ends == pytest.approx(300 - session.reserve_seconds - session.closing_seconds, abs=1)
    free = runs("free", max_trials=3)
    bake(free, Pretend(free, 2, seed=0), seen.append)
    assert free.read_json("progress.json")["search_ends"] is None


def test_the_end_is_kept_free_for_as_many_members_as_there_will_be(runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs(max_trials=6, max_minutes=1)
    bake(run, Pretend(run, 2, seed=0), unwatched)
    session, trials = session_for(run), run.trials()
    done = sum(t.state == "done" and t.candidate.origin != "baseline" for t in trials)
    monkeypatch.setattr(session.clock, "elapsed", lambda: 30.0)
    assert showing._later(session, trials) == pytest.approx(2)
    monkeypatch.setattr(session.clock, "elapsed", lambda: 0.1)
    assert showing._later(session, trials) == pytest.approx(showing.MOST_MEMBERS / done)
    monkeypatch.setattr(session.clock, "elapsed", lambda: 60.0)
    assert showing._later(session, trials) == 1


def test_ensembles_are_grown_again_only_where_there_are_new_members(runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs(ensemble=True, max_trials=3)
    session = session_for(run)
    seen: list[int] = []

    def grown(_run: RunFolder, trials: list[Trial], *_: Any) -> list[Any]:
        seen.append(sum(t.state == "done" for t in trials))
        return []

    monkeypatch.setattr(showing, "ensemble_rows", grown)
    bake(run, Pretend(run, 1, seed=0), unwatched)
    trials = run.trials()
    refresh(session, [*trials, replace(trials[0], state="skipped", candidate=replace(trials[0].candidate, seed=9))], unwatched, final=True)
    refresh(session, trials[:-1], unwatched, final=True)
    assert seen[-2:] == [4, 3]
    assert seen.count(4) == 1


def test_under_a_clock_candidates_of_outdone_recipes_come_last(runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs(max_minutes=10, max_trials=20)
    session, launch = session_for(run), Pretend(run, 1, 0)
    monkeypatch.setattr(room, "expected_seconds", lambda *_: 0.0)
    monkeypatch.setattr(session.clock, "elapsed", lambda: 1.0)
    recipes = {c.index: c.recipe for c in make_plan(run)}
    last = recipes[5]
    word = what_recipes_make(session.prepared)
    made = {recipe: word(recipe) for recipe in set(recipes.values())}
    monkeypatch.setattr(room, "outdone_recipes", lambda trials, *_: {made[last]} if trials else set())
    bake(run, launch, unwatched)
    begun = [made[recipes[index]] == made[last] for index in launch.trained if 4 < index < len(recipes)]
    assert True in begun
    assert begun == sorted(begun)
    assert len(launch.trained) == 21


def test_ensembles_that_cannot_be_grown_are_told_and_cost_no_run(runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs(ensemble=True, max_trials=3)

    def divided(*_: Any) -> list[Any]:
        raise ZeroDivisionError("by a metric of the user's own")

    monkeypatch.setattr(showing, "ensemble_rows", divided)
    assert bake(run, Pretend(run, 1, seed=0), unwatched) == "all 3 trials are carried out"
    snapshot = refresh(session_for(run), run.trials(), unwatched, final=True)
    assert len(snapshot.leaderboard["rows"]) == 4
    assert run.facts()["ensemble_failure"] == "ZeroDivisionError: by a metric of the user's own"


def test_the_cheapest_candidate_says_nothing_about_recipes(runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs(max_minutes=10, max_trials=6)
    monkeypatch.setattr(room, "expected_seconds", lambda *_: 0.0)
    seen: list[int] = []
    monkeypatch.setattr(room, "outdone_recipes", lambda trials, *_: seen.extend(t.candidate.index for t in trials) or set())
    bake(run, Pretend(run, 1, 0), unwatched)
    assert seen
    assert min(seen) > room.FIRST_USABLE


def test_the_first_reason_to_stop_is_kept(runs: Any) -> None:
    run = runs(max_trials=3)
    session_for(run)
    request_stop(run, "stopped by SIGINT")
    request_stop(run, "the validation failed")
    assert (run.path / "stop").read_text() == "stopped by SIGINT"
    assert session_for(run).asked_to_stop() == "stopped by SIGINT"


@pytest.mark.parametrize(
    ("algorithm", "seconds"), [("svm", 36.0), ("knn", 36.0), ("lightgbm", None), ("random_forest", None), ("mlp", None)]
)
def test_what_looks_at_no_deadline_is_killed_at_twice_its_share(
    runs: Any, monkeypatch: pytest.MonkeyPatch, algorithm: str, seconds: float | None
) -> None:
    session = session_for(runs(max_minutes=1))
    asked: list[Any] = []
    answer = {"state": "done", "scores": {}}
    monkeypatch.setattr(session.pool, "run", lambda _job, limits: asked.append(limits.seconds) or dict(answer))
    session.train(Candidate(2, algorithm, {}, "one_hot", seed=0))
    assert asked == [seconds]
