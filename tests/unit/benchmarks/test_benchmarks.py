"""The scripts behind `make bench-*`: what they ask of the library and of the comparison; nothing is measured."""

import importlib
import os
import pkgutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import pytest

import benchmarks
from bakeoff.data import conform
from bakeoff.params import validate
from bakeoff.runs import Candidate, Trial, TrialState
from bakeoff.search import width_of
from bakeoff.search.competing import check_names
from tests.training import train

NAMES = sorted(module.name for module in pkgutil.walk_packages(benchmarks.__path__, "benchmarks."))


@pytest.fixture(scope="module")
def scripts() -> Mapping[str, Any]:
    """Every module; the numbers of threads that some ask for are forgotten again."""
    with mock.patch.dict(os.environ):
        return {name.removeprefix("benchmarks."): importlib.import_module(name) for name in NAMES}


def test_every_module_says_what_it_is_for(scripts: Mapping[str, ModuleType]) -> None:
    assert all(module.__doc__ for module in scripts.values())


def test_the_test_part_is_calibrated_as_rows_out_of_fold_are(scripts: Mapping[str, Any], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=60), "y": rng.choice(["no", "yes"], 60)})
    predictor, fitted = train(frame, "y", tmp_path, algorithm="logistic_regression")
    one = SimpleNamespace(prepared=SimpleNamespace(schema=predictor.schema), frame=conform(frame, predictor.schema))
    predictor.temperature = None
    plain = predictor.predict_raw(one.frame)
    predictor.temperature = 2.0
    assert not np.allclose(predictor.predict_raw(one.frame), plain)
    said = scripts["portfolio"].said_of_test(one, replace(fitted, temperature=2.0))
    np.testing.assert_allclose(said, predictor.predict_raw(one.frame))


def test_each_set_has_a_name_of_its_own(scripts: Mapping[str, Any]) -> None:
    sets = scripts["sets"]
    suites = (sets.LEARNING, sets.HELD_OUT, sets.LARGER, sets.FURTHER, sets.PEOPLE)
    names = [table.name for suite in suites for table in suite] + list(scripts["networks"].SETS)  # these are the comparison's
    assert len(names) == len(set(names))


OPTIONS = ("ablation", "contracts", "networks", "portfolio", "profile_run", "quality", "scale", "sets")


@pytest.mark.parametrize("name", OPTIONS)
def test_each_tells_its_options(
    scripts: Mapping[str, Any], name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", [name, "--help"])
    with pytest.raises(SystemExit) as ended:
        scripts[name].main()
    assert ended.value.code == 0
    assert scripts[name].__doc__.splitlines()[0] in capsys.readouterr().out


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A comparison of two sets, which scores but runs nothing."""
    (tmp_path / "suite-dev").mkdir()
    (tmp_path / "run.py").write_text("def split_tabular(frame, row, seed, most): return frame[:most], frame[most:]")
    (tmp_path / "suite-dev" / "index.csv").write_text("name,task,target,drop\niris,multiclass,y,\nm3,forecasting,y,\n")
    return tmp_path


@pytest.mark.parametrize("name", ["ablation", "contracts", "networks", "portfolio", "profile_run"])
def test_a_misspelt_set_is_told_with_those_there_are(
    scripts: Mapping[str, Any], name: str, bench: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--bench", str(bench)]
    if name == "portfolio":
        given = ["collect", "--suite", str(bench / "suite-dev"), "--cache", str(bench / "cache")]
    monkeypatch.setattr("sys.argv", [name, *given, "--only", "irsi"])
    with pytest.raises(SystemExit) as ended:
        scripts[name].main()
    assert ended.value.code == 2
    assert "no set is named irsi; there are iris\n" in capsys.readouterr().err


def test_sets_are_cut_as_the_comparison_cuts_them(scripts: Mapping[str, Any], bench: Path) -> None:
    comparison = scripts["comparison"]
    pd.DataFrame({"y": np.zeros(60_002)}).to_parquet(bench / "suite-dev" / "iris.parquet")
    row = comparison.sets_in(bench / "suite-dev").loc["iris"]
    train, test = comparison.split(comparison.loaded(bench), bench / "suite-dev", row)
    assert (len(train), len(test)) == (60_000, 2)


@pytest.mark.parametrize("cores", [2, 64])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_job_s_params_are_valid(scripts: Mapping[str, Any], task: str, cores: int, tmp_path: Path) -> None:
    job = {"task": task, "target": "y", "seed": 0, "budget_s": 60, "cores": cores}
    params = validate(scripts["adapters.ours"].params_of(job, tmp_path))
    check_names(params)
    assert width_of(params) == min(16, cores)


def finished(*trials: Trial) -> Any:
    """What is asked of a run of two trials side by side that took ten seconds."""
    facts = {"started": 0.0, "ended": 10.0, "steps": [["preparing", 0.0], ["training candidates", 2.0]], "planned_seconds": {}}
    params = validate({"name": "x", "task": "regression", "data": {"train": "t", "target": "y"}, "compute": {"max_concurrent_trials": 2}})
    return SimpleNamespace(folder=SimpleNamespace(facts=lambda: facts, trials=lambda: list(trials), params=lambda: params))


def trial(state: TrialState, begun: int, ended: int, origin: str = "portfolio") -> Trial:
    """One that fitted for all of its seconds."""
    moments = {"started": f"1970-01-01T00:00:0{begun}+00:00", "ended": f"1970-01-01T00:00:0{ended}+00:00"}
    return Trial(Candidate(1, "ridge", {}, "codes", 0, origin=origin), state, fit_seconds=ended - begun, **moments)


RUN = finished(trial("done", 2, 3, "baseline"), trial("done", 3, 6), trial("failed", 2, 8))


def test_a_run_s_times_are_of_its_width(scripts: Mapping[str, Any]) -> None:
    times = scripts["adapters.ours"].times_of(RUN)
    assert times["steps"] == {"preparing": 2.0, "training candidates": 8.0}
    assert (times["first_trial_s"], times["predictor_s"]) == (2.0, 4.0)
    assert (times["trials_share"], times["estimators_share"]) == (1.25, 0.5)  # of two cores for four seconds


def test_failed_trials_are_the_workers(scripts: Mapping[str, Any]) -> None:
    shares = list(scripts["profile_run"].parts({"workers": 12.0, "flow": 1.0}, RUN).values())
    assert shares == [4.0, 0.0, 8.0, 1.0, 0.0, 7.0]


def test_a_row_of_limits_has_every_column(scripts: Mapping[str, Any]) -> None:
    contracts = scripts["contracts"]
    told = {"dataset": "iris", "budget_s": 20, "fit_s": 19.0, "peak_mib": 1_000, **scripts["adapters.ours"].times_of(RUN)}
    told["planned"] = {"training candidates": 5.0, "ranking": 1.0, "measuring": 2.0}
    cells = contracts.row(told)
    assert len(cells) == len(contracts.COLUMNS)
    assert cells[:3] + cells[6:7] + cells[-2:] == ["iris", "20", "19.0", "5.0 / 8.0", "50%", "1,000"]
    assert len(contracts.row({"dataset": "iris", "budget_s": 20, "peak_mib": 1_000})) == len(contracts.COLUMNS)
    assert contracts.kept(told)
    assert not contracts.kept({**told, "fit_s": 25.1})


def test_the_ablation_measures_what_was_not_measured_in_such_runs(
    scripts: Mapping[str, Any], bench: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ablation, measured = scripts["ablation"], []
    first, second = ablation.RUNS
    pd.DataFrame({"y": [1, 2]}).to_parquet(bench / "suite-dev" / "iris.parquet")

    def finish(_dealt: Any, seconds: float, folder: Path, **_more: Any) -> Any:
        measured.append((seconds, folder.name))
        return SimpleNamespace(trials=list, loss_with=lambda _: 2.0)

    monkeypatch.setattr(ablation, "_finished", finish)
    monkeypatch.setattr(ablation, "PARTS", {})
    given = [["--seconds", "20", "--runs", first], ["--seconds", "60", "--runs"], ["--seconds", "20"], ["--seconds", "20"]]
    for one in given:
        monkeypatch.setattr("sys.argv", ["ablation", "--bench", str(bench), "--out", str(bench / "out.jsonl"), *one])
        ablation.main()
    assert measured == [(20, "whole"), (20, first), (60, "whole"), (20, second)]
    assert capsys.readouterr().out.count("0 of 1") == 5  # of the seconds asked alone
    assert set(ablation.kept(bench / "out.jsonl", 20)["iris"]) == {"set", "seconds", "everything", first, second}


def test_each_budget_has_results_of_its_own(scripts: Mapping[str, Any], bench: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quality, commands = scripts["quality"], []

    def run(command: list[str], **_how: Any) -> Any:
        commands.append(command)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(quality.subprocess, "run", run)
    for budget in ("20", "60"):
        monkeypatch.setattr("sys.argv", ["quality", "--bench", str(bench), "--budget", budget, "--seed", "3"])
        assert quality.main() == 0
    files = [Path(command[-1]).name for command in commands]
    assert files == ["quality-suite-dev-20s.jsonl"] * 2 + ["quality-suite-dev-60s.jsonl"] * 2
    assert commands[0][commands[0].index("--seed") + 1] == "3"


def test_entries_that_are_learned_no_more_lose_what_they_gained(scripts: Mapping[str, Any]) -> None:
    gained = {"gain": 0.1, "seconds": 1.0, "sets": 9}
    old, rare, new = ({"algorithm": "ridge", "hyperparameters": {"recipe": name}} for name in ("codes", "terms", "crossed"))
    learned = [{**new, **gained}]
    assert scripts["portfolio"].merged(learned, [{**old, **gained}, {**rare, **gained}, new]) == [{**new, **gained}, rare, old]


def test_collecting_needs_a_suite_and_learning_an_order_there_is(
    scripts: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for given, told in ((["collect"], "collect needs --suite"), (["learn", "--orders", "medium"], "invalid choice: 'medium'")):
        monkeypatch.setattr("sys.argv", ["portfolio", *given, "--cache", str(tmp_path)])
        with pytest.raises(SystemExit) as ended:
            scripts["portfolio"].main()
        assert ended.value.code == 2
        assert told in capsys.readouterr().err


def test_where_nothing_is_learned_the_portfolio_stays(scripts: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portfolio = scripts["portfolio"]
    copy = tmp_path / "portfolio.json"
    copy.write_text(portfolio.portfolio.FILE.read_text() + "\n")
    before = copy.read_text()
    monkeypatch.setattr(portfolio.portfolio, "FILE", copy)
    monkeypatch.setattr("sys.argv", ["portfolio", "learn", "--cache", str(tmp_path)])
    portfolio.main()
    assert copy.read_text() == before


def test_few_rows_are_learned_from_as_the_engine_grows_its_ensembles(scripts: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    portfolio, grown = scripts["portfolio"], []

    def grow(said: list[np.ndarray], _judged: Any, _metric: Any, draws: int, seed: int) -> list[float]:
        grown.append((len(said), draws, seed))
        return [1.0, *[0.0] * (len(said) - 1)]

    monkeypatch.setattr(portfolio, "grow_on_draws", grow)
    truth = {"oof": np.arange(100.0), "test": np.arange(10.0)}
    found = {f"{name}-{place}": {"oof": truth["oof"] + 1, "test": truth["test"] + 1} for name in ("ridge", "svm") for place in range(4)}
    assert portfolio.loss_of(portfolio.Kept("x", "regression", truth, 100, found), list(found)) == pytest.approx(0.0)
    assert grown == [(6, 5, 0)]


def test_one_process_that_has_ended_hides_no_other(scripts: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    scale = scripts["scale"]

    def gone() -> Any:
        raise scale.psutil.NoSuchProcess(1)

    def process(look: Any) -> Any:
        return SimpleNamespace(memory_full_info=look)

    root = process(lambda: SimpleNamespace(pss=1))
    root.children = lambda recursive: [process(gone), process(lambda: SimpleNamespace(pss=2))]
    monkeypatch.setattr(scale.psutil, "Process", lambda _: root)
    assert scale._tree_bytes(1) == 3
