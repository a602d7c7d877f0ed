"""After the ranking: which row is the best under a latency limit, what a refit is, and that neither ever costs a run."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bakeoff
from bakeoff.cli.main import main
from bakeoff.errors import DiskFullError
from bakeoff.params import validate
from bakeoff.reporting import summary_markdown
from bakeoff.runs import RunFolder
from bakeoff.search import end_session, evaluate, request_stop, session_for
from bakeoff.search.closing import FOUND, REFIT_MARGIN, closing_seconds, complete, forget
from bakeoff.search.measuring import LATENCIES, _sample, latencies, measuring_seconds
from bakeoff.search.session import Session
from bakeoff.search.workers import WorkerPool

MEASURED_FOR = "bakeoff.search.measuring.MOST_SECONDS"
"""What does not fit in is not measured: a machine may stall for as long."""
CONTENT = {"name": "x", "task": "classification", "data": {"train": "x.csv", "target": "y"}}


def row(rank: int | None, name: str, **more: Any) -> dict[str, Any]:
    state = "done" if rank else "failed"
    return {
        "rank": rank,
        "id": name,
        "name": name,
        "score": 1.0,
        "state": state,
        "reason": "",
        "origin": "portfolio",
        "index": rank,
        **more,
    }


def completed(folder: Path, milliseconds: dict[str, float], limit: float | None, refit: dict[str, Any] | None = None) -> dict[str, Any]:
    """The rows by name, of four that took so many milliseconds for 1,000 rows."""
    run = RunFolder(folder)
    run.write_json(FOUND, {"measured": {k: {"latency_1000_p50_ms": v, "size_mb": 2.0} for k, v in milliseconds.items()}, "refit": refit})
    board = {"metric": "accuracy", "rows": [row(1, "a"), row(2, "b"), row(3, "c"), row(None, "x")]}
    params = validate({**CONTENT, "inference": {"max_ms_per_row": limit}})
    return {one["name"]: one for one in complete(run, params, board)["rows"]}


def best(rows: dict[str, Any]) -> list[str]:
    return [name for name, one in rows.items() if one["best"]]


def test_without_a_limit_the_first_row_is_the_best_however_slow(tmp_path: Path) -> None:
    rows = completed(tmp_path, {"a": 9000.0, "b": 1.0}, None)
    assert best(rows) == ["a"]
    assert [one["too_slow"] for one in rows.values()] == [None] * 4
    assert (rows["a"]["latency_1000_p50_ms"], rows["a"]["size_mb"], rows["c"]["latency_1000_p50_ms"]) == (9000.0, 2.0, None)


def test_under_a_limit_the_best_is_the_first_row_that_keeps_to_it_and_ranks_stay(tmp_path: Path) -> None:
    rows = completed(tmp_path, {"a": 900.0, "b": 500.0, "c": 1.0}, 0.5)
    assert best(rows) == ["b"]
    assert [one["rank"] for one in rows.values()] == [1, 2, 3, None]
    assert [one["too_slow"] for one in rows.values()] == [True, False, False, None]
    assert rows["a"]["reason"] == "too slow: 0.9 ms per row (inference.max_ms_per_row: 0.5)"


def test_what_was_not_measured_is_not_chosen_under_a_limit(tmp_path: Path) -> None:
    assert best(completed(tmp_path, {"c": 1.0}, 0.5)) == ["c"]


def test_where_nothing_keeps_to_the_limit_the_fastest_is_the_best(tmp_path: Path) -> None:
    assert best(completed(tmp_path, {"a": 900.0, "b": 700.0, "c": 800.0}, 0.5)) == ["b"]
    assert best(completed(tmp_path, {}, 0.5)) == ["a"]


def test_a_refit_stands_below_its_trial_and_may_be_the_best_that_is_fast_enough(tmp_path: Path) -> None:
    refit = row(2, "refit-b", id="refit-b", origin="refit", index=None)
    rows = completed(tmp_path, {"a": 900.0, "b": 800.0, "refit-b": 100.0, "c": 1.0}, 0.5, refit)
    assert [(name, one["rank"]) for name, one in rows.items()] == [("a", 1), ("b", 2), ("refit-b", 3), ("c", 4), ("x", None)]
    assert best(rows) == ["refit-b"]


ROWS = pd.DataFrame({"a": range(1000)})


class _Scorer:
    """A clock, and a predictor that takes, for so many rows, the seconds that it is told."""

    def __init__(self, seconds: dict[int, Iterator[float]]) -> None:
        self.seconds, self.now, self.sizes = seconds, 0.0, list[int]()

    def clock(self) -> float:
        return self.now

    def predict(self, frame: pd.DataFrame) -> None:
        self.sizes.append(len(frame))
        self.now += next(self.seconds[len(frame)])


def test_latency_is_the_median_and_the_95th_percentile_after_a_call_to_warm_up() -> None:
    scorer = _Scorer({1: iter([9, 5, 7]), 100: iter([1]), 1000: iter([2, 1, 1, 3])})
    found = latencies(scorer.predict, ROWS, seconds=14, clock=scorer.clock)
    assert scorer.sizes == [1, 1, 1, 100, 1000, 1000, 1000, 1000]
    assert found["latency_1_p50_ms"] == 6000
    assert found["latency_1000_p50_ms"] == 1500
    assert found["latency_1000_p95_ms"] == pytest.approx(1000 * np.percentile([2, 1, 1, 3], 95))


@pytest.mark.parametrize(("ends", "known"), [(17.9, []), (27.9, ["latency_1_p50_ms", "latency_1_p95_ms"]), (30, list(LATENCIES))])
def test_what_would_not_be_measured_in_time_is_left_out(ends: float, known: list[str]) -> None:
    scorer = _Scorer({1: iter([9, 9]), 100: iter([1]), 1000: iter([2])})
    assert list(latencies(scorer.predict, ROWS, ends=ends, seconds=0, clock=scorer.clock)) == known


def test_measuring_takes_a_small_share_of_a_limit() -> None:
    limited = validate({**CONTENT, "limits": {"max_minutes": 1}})
    assert measuring_seconds(limited) <= 0.03 * 60 < measuring_seconds(validate(CONTENT))
    assert measuring_seconds(limited, left=1.0) == 0.5


def table(rows: int = 240) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.normal(size=rows), "b": rng.choice(["u", "v", None], rows)})
    frame["y"] = np.where(frame["a"] + (frame["b"] == "u") + rng.normal(0, 0.3, rows) > 0, "yes", "no")
    return frame


def fit(folder: Path, **overrides: Any) -> Any:
    given: dict[str, Any] = {"target": "y", "include": ["lightgbm", "logistic_regression"], "max_trials": 2, "folder": folder}
    return bakeoff.fit(table(), **given, overrides={"validation": {"folds": 3}, "refit": "full", **overrides})


def test_show_says_that_a_refit_is_one_and_what_its_trial_was(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (name,) = run.leaderboard.query("origin == 'refit'")["name"]
    assert main(["show", str(run.path), name]) == 0
    out = capsys.readouterr().out
    assert f"refit:           {name}, fitted on all rows" in out
    assert f"trial:           {name.removeprefix('refit-')}\n" in out


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MEASURED_FOR, 600.0)
        return fit(tmp_path_factory.mktemp("runs"), inference={"max_ms_per_row": 1e-9}, data={"test": 0.2}, runs={"keep_models": 1})


def test_the_best_rows_are_measured(run: Any) -> None:
    ranked = run.leaderboard.dropna(subset="rank").set_index("name")
    for rows in (1, 1000):
        assert (ranked[f"latency_{rows}_p50_ms"] > 0).all()
        assert (ranked[f"latency_{rows}_p95_ms"] >= ranked[f"latency_{rows}_p50_ms"]).all()
    file = run.path / "predictors" / f"{run.best}.pkl"
    assert ranked.loc[run.best, "size_mb"] == pytest.approx(file.stat().st_size / 1e6, abs=0.001)
    header = (run.path / "leaderboard.csv").read_text().splitlines()[0]
    assert "latency_1_p50_ms,latency_1_p95_ms,latency_1000_p50_ms,latency_1000_p95_ms,size_mb" in header


def test_where_no_row_keeps_to_the_limit_the_fastest_is_taken_kept_and_a_warning_told(run: Any) -> None:
    board = run.leaderboard.dropna(subset="rank").set_index("name")
    assert run.best == board["latency_1000_p50_ms"].idxmin()
    assert (run.path / "predictors" / f"{run.best}.pkl").exists()
    warning = run.folder.facts()["inference_warning"]
    assert f"{run.best}, " in warning
    assert warning in summary_markdown(run.folder)


def test_the_refit_is_one_estimator_of_its_trial_scored_on_the_test_part_and_kept(run: Any) -> None:
    board = run.leaderboard.set_index("name")
    (name,) = board.index[board["origin"] == "refit"]
    trial = board.index[list(board.index).index(name) - 1]
    assert name == f"refit-{trial}"
    assert board.loc[name, "score"] == board.loc[trial, "score"]
    assert board.loc[name, "rank"] == board.loc[trial, "rank"] + 1
    assert "unjudged by itself" in board.loc[name, "reason"]
    predictor = run.predictor(name)
    assert len(predictor.parts) == 1
    assert predictor.card["refit_of"] == trial
    assert board.loc[name, "size_mb"] < board.loc[trial, "size_mb"]
    assert (predictor.predict(table()) == table()["y"]).mean() > 0.75
    assert name in run.folder.read_json("test_scores.json")["scores"]
    assert board.loc[trial, "origin"] == "portfolio"


def test_a_run_killed_after_it_was_tidied_up_is_evaluated_and_measured_by_what_is_left(run: Any) -> None:
    assert not (run.path / "encoded").exists()
    assert run.best in evaluate(run.folder)
    assert not run.folder.facts().get("evaluation_failure")
    assert Path(_sample(session_for(run.folder))).exists()


@pytest.mark.parametrize("limit", [None, 5])
def test_a_refit_and_a_measurement_that_fail_leave_the_run_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: float | None
) -> None:
    killed = {"state": "failed", "reason": "killed after 3.0 s: over its time limit"}
    in_child = Session.in_child

    def answered(*asked: Any) -> dict[str, Any]:
        return {**in_child(*asked), "latencies": {}} if "assembling" in asked[1] else dict(killed)

    monkeypatch.setattr(Session, "in_child", answered)
    run = fit(tmp_path, inference={"max_ms_per_row": limit})
    board, facts = run.leaderboard, run.folder.facts()
    assert facts["state"] == "finished"
    assert facts["refit_failure"] == killed["reason"]
    assert set(board["origin"]) == {"baseline", "portfolio", "ensemble"}
    assert run.best == board["name"][0]
    assert set(run.predictor().predict(table())) == {"yes", "no"}
    text = summary_markdown(run.folder)
    assert f"(refit: full): {killed['reason']}" in text
    assert ("no predictor could be measured" in text) == (limit is not None)


def test_without_a_limit_a_refit_is_measured_with_the_best_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MEASURED_FOR, 600.0)
    run = fit(tmp_path, search={"ensemble": False, "algorithms": {"include": ["logistic_regression"]}}, limits={"max_trials": 1})
    board = run.leaderboard
    assert list(board["origin"]) == ["portfolio", "refit", "baseline"]
    assert (board["latency_1000_p50_ms"] > 0).all()
    assert list(board["best"]) == [True, False, False]
    assert run.folder.read_json("progress.json")["best_name"] == run.best == board["name"][0]
    assert not [name for name in ("refit_failure", "latency_failure", "inference_warning") if run.folder.facts().get(name)]


def test_what_an_interrupted_ending_told_is_told_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "in_child", lambda *_: {"state": "done", "fit_seconds": 1.0})
    begin = bakeoff.search.closing.close

    def told_before(session: Session, board: dict[str, Any]) -> None:
        session.run.update_facts(refit_failure="stopped by SIGTERM")
        begin(session, board)

    monkeypatch.setattr(bakeoff.search.finishing, "close", told_before)
    run = fit(tmp_path, search={"algorithms": {"include": ["logistic_regression"]}}, limits={"max_trials": 1})
    assert run.folder.facts()["refit_failure"] == ""


def test_a_refit_cut_short_is_told_and_has_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_child = Session.in_child

    def hurried(session: Session, call: str, job: dict[str, Any], *more: Any) -> dict[str, Any]:
        return in_child(session, call, {**job, "seconds": 0.0} if "refitting" in call else job, *more)

    monkeypatch.setattr(Session, "in_child", hurried)
    run = fit(tmp_path, search={"ensemble": False, "algorithms": {"include": ["logistic_regression"]}}, limits={"max_trials": 1})
    assert "the time was up after 1 of " in run.folder.facts()["refit_failure"]
    assert list(run.leaderboard["origin"]) == ["portfolio", "baseline"]
    assert not list((run.path / "predictors").glob("refit-*"))


def test_an_ensemble_that_cannot_be_put_together_is_told_and_costs_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed, in_child = {"state": "failed", "reason": "killed: over its memory limit"}, Session.in_child
    monkeypatch.setattr(Session, "in_child", lambda *asked: dict(killed) if "assembling" in asked[1] else in_child(*asked))
    run = fit(tmp_path)
    assert killed["reason"] in run.folder.facts()["ensemble_failure"]
    assert "ensemble" not in set(run.leaderboard["origin"])
    assert run.best == run.leaderboard["name"][0]
    assert set(run.predictor().predict(table())) == {"yes", "no"}


@pytest.mark.parametrize("step", ["assembling", "meta_learning", "refitting"])
def test_a_disk_that_is_full_after_the_search_leaves_the_run_to_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    carry_out, full = WorkerPool.run, {"disk_full": {"what": "the disk is full", "where": "a.pkl"}}
    asked: dict[str, Any] = {"search": {"meta_learner": "logistic_regression"}}

    def refused(pool: WorkerPool, job: dict[str, Any], limits: Any) -> dict[str, Any]:
        return dict(full) if step in job["call"] else carry_out(pool, job, limits)

    with monkeypatch.context() as patch:
        patch.setattr(WorkerPool, "run", refused)
        with pytest.raises(DiskFullError, match="the disk is full"):
            fit(tmp_path, **asked)
    (path,) = [file.parent for file in tmp_path.rglob("run.json")]
    assert (RunFolder(path).facts()["state"], RunFolder(path).has(FOUND)) == ("running", False)
    run = fit(tmp_path, **asked)
    assert run.path == path
    assert {"voting_ensemble", "meta_ensemble"} <= set(run.leaderboard["name"])
    assert "refit" in set(run.leaderboard["origin"])


@pytest.mark.parametrize(("limit", "quick"), [(0.9, True), (0.5, False), (2.0, False)])
def test_where_the_ensembles_are_too_slow_a_quick_one_keeps_to_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: float, quick: bool
) -> None:
    def measured(_session: Session, names: Any, *_: Any) -> dict[str, dict[str, float]]:
        slow = ("voting_ensemble", "stacking_ensemble")
        return {name: dict.fromkeys(LATENCIES, 1200.0 if name in slow else 800.0 if "quick" in name else 400.0) for name in names}

    monkeypatch.setattr(bakeoff.search.closing, "measure", measured)
    run = fit(tmp_path, inference={"max_ms_per_row": limit}, refit="none", search={"metric": "log_loss"})
    board = run.leaderboard.set_index("name")
    found = [name for name in board.index if name.startswith("quick_")]
    assert len(found) == quick
    if quick:
        assert set(run.folder.leaderboard()["rows"][int(board.loc[found[0], "rank"]) - 1]["members"]) <= set(board.index)
        assert not board.loc[found[0], "too_slow"]
        assert set(run.predictor(found[0]).predict(table())) == {"yes", "no"}
        assert set(board.index[board["too_slow"] == True]) == {"voting_ensemble", "stacking_ensemble"}  # noqa: E712


@pytest.fixture
def ended(run: Any, tmp_path: Path) -> Iterator[RunFolder]:
    """A copy of the run, to be ended once more."""
    folder = RunFolder(shutil.copytree(run.path, tmp_path / "notebook" / run.path.name))
    yield folder
    end_session(folder)


def test_what_an_interrupted_ending_found_stays_while_its_trials_and_files_are_the_same(ended: RunFolder) -> None:
    before, trials = ended.read_json(FOUND), ended.trials()
    assert before["refit"] is not None
    forget(ended, trials)
    assert ended.read_json(FOUND) == before
    forget(ended, [replace(trial, state="skipped") if place else trial for place, trial in enumerate(trials)])
    assert not ended.has(FOUND)
    ended.write_json(FOUND, before)
    (ended.path / "predictors" / f"{before['refit']['name']}.pkl").unlink()
    forget(ended, trials)
    assert not ended.has(FOUND)


def test_a_test_part_that_cannot_be_scored_is_told_and_costs_no_run(ended: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def divided(*_: Any) -> Any:
        raise ZeroDivisionError("by a metric of the user's own")

    with monkeypatch.context() as patch:
        patch.setattr(bakeoff.search.finishing, "score_all", divided)
        assert evaluate(ended) == {}
    assert "scores are missing: ZeroDivisionError: by a metric of the user's own" in summary_markdown(ended)
    assert evaluate(ended)
    assert "are missing" not in summary_markdown(ended)


def test_the_best_row_is_scored_on_the_test_part_however_late(ended: RunFolder, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_for(ended).clock, "left", lambda *_: 10.0)
    monkeypatch.setattr(bakeoff.search.finishing, "EVALUATION_SHARE", -1.0)  # there is no time for any that may be left out
    ensembles = run.leaderboard.query("origin == 'ensemble'")["name"].to_list()
    assert run.best not in ensembles
    assert set(evaluate(ended)) == {run.best, *ensembles}
    monkeypatch.setattr(session_for(ended).clock, "left", lambda *_: -0.1)
    assert set(evaluate(ended)) == {run.best, *ensembles}  # as an ending that was interrupted left it
    (ended.path / "test_scores.json").unlink()
    assert set(evaluate(ended)) == {run.best}


def test_who_asked_the_run_to_stop_waits_for_the_best_row_s_scores_alone(ended: RunFolder, run: Any) -> None:
    request_stop(ended, "stopped by Ctrl-C")
    assert set(evaluate(ended)) == {run.best}


def test_the_search_ends_before_the_test_part_is_scored(ended: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_for(ended)
    monkeypatch.setattr(session.clock, "limit", 60.0)
    trials = [replace(trial, predict_seconds=1.0, encode_seconds=0.0) for trial in ended.trials() if trial.state == "done"][:2]
    session.ensembles = [{"members": {trial.candidate.name: 1.0}} for trial in trials]
    scored, folds = len(session.prepared.scored_rows), len(session.prepared.folds)

    def seconds(rows: int) -> float:
        monkeypatch.setattr("bakeoff.search.closing.parquet.read_metadata", lambda _: SimpleNamespace(num_rows=rows))
        return closing_seconds(session, trials)

    assert seconds(scored) == pytest.approx(seconds(0) + 2 * folds)
    first = trials[0].candidate
    trials[1] = replace(trials[1], candidate=replace(trials[1].candidate, recipe=first.recipe), encode_seconds=0.25)
    session.ensembles = [{"members": {trial.candidate.name: 1.0 for trial in trials}}]
    assert seconds(scored) == pytest.approx(seconds(0) + 2 * folds + 0.25 * scored / len(session.prepared.target))
    assert seconds(10**9) == pytest.approx(seconds(0) + 12.0)
    session.ensembles, trials[1] = [], replace(trials[1], state="failed", encode_seconds=0.0)  # without any the best trial is scored
    assert seconds(scored) == pytest.approx(seconds(0) + folds)


def test_time_is_kept_for_a_refit_of_all_rows_and_none_for_one_that_cannot_end(ended: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    session, (one, *_) = session_for(ended), [trial for trial in ended.trials() if trial.candidate.algorithm == "lightgbm"]
    monkeypatch.setattr(session.clock, "limit", 60.0)
    monkeypatch.setattr("bakeoff.search.closing.parquet.read_metadata", lambda _: SimpleNamespace(num_rows=0))
    best = replace(one, encode_seconds=0.0, fit_seconds=0.0, rounds=(9, 9, 9))

    def kept(**facts: Any) -> float:
        return closing_seconds(session, [replace(best, **facts)]) - closing_seconds(session, [])

    least = kept()
    assert least > 0
    assert kept(encode_seconds=6.0) == pytest.approx(least + 2.0)  # of three folds
    assert kept(fit_seconds=6.0) == pytest.approx(least + REFIT_MARGIN * 1.5 * 6.0 / 3)  # each of three folds has two thirds
    assert kept(fit_seconds=6.0, rounds=(9,)) == pytest.approx(least + REFIT_MARGIN * 1.5 * 6.0)  # one fit, judged out of bag
    assert kept(fit_seconds=40.0) == pytest.approx(least + REFIT_MARGIN * 1.5 * 40.0 / 3)  # far more than a fifth of the limit
    assert kept(fit_seconds=18.0, rounds=(9,)) == 0.0
