import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bakeoff.cli import replay
from bakeoff.data import read_table
from bakeoff.runs import RunFolder, load_predictor, open_run, save_predictor
from tests.unit.cli.conftest import Cli, write_table

PARAMS = "name: churn\ntask: classification\ndata: {train: churn.csv, target: churned}\n"


@pytest.fixture
def params(project: Path) -> Path:
    write_table(project / "churn.csv")
    (project / "params/churn.yaml").write_text(PARAMS)
    return Path("params/churn.yaml")


def test_check_says_what_is_fine(params: Path, bakeoff: Cli) -> None:
    code, out, err = bakeoff("check", params)
    assert (code, err) == (0, "")
    assert "data: churn.csv, 60 rows, 3 columns to learn from, 1 left out" in out
    assert "expectations: data/expectations/churn.json is not there yet" in out


def test_check_tells_what_a_person_should_look_at(params: Path, bakeoff: Cli) -> None:
    frame = pd.read_csv("churn.csv")
    frame.loc[:9, "churned"] = None
    frame.to_csv("churn.csv", index=False)
    code, out, err = bakeoff("check", params)
    assert (code, err) == (0, "")
    assert "data: churn.csv, 50 rows" in out
    assert "\nalert    rows without a target: data.train: 10 of 60 rows have no target; left out; look whether" in out


def test_check_says_all_problems(params: Path, bakeoff: Cli) -> None:
    Path("data/expectations/churn.json").write_text("{}")
    code, _, err = bakeoff("check", params, "--set", "search.metric=AUC", "--set", "data.train=none.csv")
    assert code == 2
    assert "problem  names: " in err
    assert "problem  data: none.csv" in err
    assert "problem  expectations: data/expectations/churn.json: these are no expectations" in err
    assert "did you mean AUC_" in err


def test_plan_tells_the_limit_that_holds_where_none_is_given(params: Path, bakeoff: Cli) -> None:
    assert "\nlimits: max_trials 20 (default)\n" in bakeoff("plan", params)[1]
    assert "\nlimits: exit_score 0.9, max_trials 20 (default)\n" in bakeoff("plan", params, "--set", "limits.exit_score=0.9")[1]
    assert "\nlimits: max_minutes 1.0\n" in bakeoff("plan", params, "--set", "limits.max_minutes=1")[1]


def test_a_wrong_name_is_told_once_and_the_data_is_looked_at(params: Path, bakeoff: Cli) -> None:
    wrong = ("--set", "featurization.mode=custom", "--set", "featurization.block=[one_hott]")
    code, out, err = bakeoff("check", params, *wrong)
    assert code == 2
    assert err.count("problem") == 1
    assert "data: churn.csv, 60 rows" in out
    no_number = ("--set", "featurization.mode=custom", "--set", "featurization.kinds={plan: numeric}", "--set", "search.metric=AUC")
    code, _, err = bakeoff("check", params, *no_number)  # a wrong name of the search hides nothing that is wrong with the columns
    assert code == 2
    assert "problem  names: " in err
    assert "problem  data: column plan: no value can be read as numeric" in err


def test_plan_trains_nothing_and_leaves_nothing(params: Path, project: Path, bakeoff: Cli) -> None:
    before = sorted(project.rglob("*"))
    code, out, _ = bakeoff("plan", params, "--set", "limits.max_trials=80", "--set", "validation.folds=3")
    assert code == 0
    assert "60 rows, 3 columns; target churned: classification, labels no, yes" in out
    assert "left out           country: constant" in out
    assert "metric: AUC_weighted\nevery candidate is judged by the same 3-fold stratified cross-validation\n" in out
    assert "  0  baseline-" in out
    assert "of the tuner's" in out
    assert sorted(project.rglob("*")) == before


def test_leaderboard(finished: Path, bakeoff: Cli) -> None:
    code, out, _ = bakeoff("leaderboard", "churn")
    assert code == 0
    assert "churn / 20261122-120000-ab12: finished" in out
    assert "AUC_weighted (greater is better)" in out
    assert "MemoryError: too much" in out
    assert "1 done, 1 failed, 0 skipped of 3 planned" in out
    assert "log_loss" in bakeoff("leaderboard", "churn", "--metrics")[1]


def test_show_a_trial(finished: Path, bakeoff: Cli) -> None:
    code, out, _ = bakeoff("show", "churn", "best", "--lines", "2")
    assert code == 0
    assert "trial:           baseline-" in out
    assert "AUC_weighted                        0.5000  (0.4000, 0.6000)" in out
    assert out.endswith("line 28\nline 29\n")


def test_show_a_failure_and_the_ensemble(finished: Path, bakeoff: Cli) -> None:
    name = json.loads((finished / "leaderboard.json").read_text())["rows"][2]["name"]
    out = bakeoff("show", "churn", name)[1]
    assert "state:           failed: MemoryError: too much" in out
    assert "hyperparameters: k=3" in out
    assert "it printed nothing" in out


def test_an_ensemble_of_a_run_that_goes_on_has_no_predictor_yet(finished: Path, bakeoff: Cli) -> None:
    code, out, _ = bakeoff("show", "churn", "voting_ensemble")
    assert code == 0
    assert "predictor:       none yet: ensembles are written when the run ends" in out
    assert "  1.000  baseline-" in out


def test_the_best_of_a_run_that_goes_on_is_the_first_row_whose_predictor_is_there(finished: Path, bakeoff: Cli) -> None:
    run = RunFolder(finished)
    board = run.leaderboard()
    baseline, ensemble, failed = board["rows"]
    run.write_json("leaderboard.json", {**board, "rows": [{**ensemble, "rank": 1, "best": True}, {**baseline, "rank": 2}, failed]})
    run.update_facts(state="running")
    assert open_run(finished).best == baseline["name"]
    assert open_run(finished).predictor().name == baseline["name"]
    code, out, _ = bakeoff("predict", "churn", "churn.csv")
    assert (code, f"predictors/{baseline['name']}.pkl" in out) == (0, True)


@pytest.mark.parametrize(("state", "said"), [("running", "the run has no predictor yet"), ("failed", "no trial left a predictor")])
@pytest.mark.parametrize("gone", ["leaderboard.json", "predictors/{}.pkl", "predictors/{}.json"])
def test_a_run_without_a_predictor_says_so(finished: Path, bakeoff: Cli, gone: str, state: str, said: str) -> None:
    run = RunFolder(finished)
    run.update_facts(state=state)
    (finished / gone.format(run.leaderboard()["rows"][0]["name"])).unlink()
    code, _, told = bakeoff("predict", "churn", "churn.csv")
    assert (code, said in told) == (6, True)


def test_a_replay_that_was_interrupted_is_not_replayed_itself(finished: Path) -> None:
    again = RunFolder(finished.parent / "20261123-120000-cd34")
    again.path.mkdir()
    again.write_json("run.json", {**RunFolder(finished).facts(), "state": "running", "replay_of": f"churn/{finished.name}"})
    assert replay._original(again).path.resolve() == finished.resolve()
    assert replay._original(RunFolder(finished)).path == finished


def test_show_an_unknown_trial_names_the_known(finished: Path, bakeoff: Cli) -> None:
    code, _, err = bakeoff("show", "churn", "baselin")
    assert code == 5
    assert "no such trial" in err
    assert "baseline-" in err


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".feather", ".jsonl"])
def test_predict_writes_rows_in_order(finished: Path, bakeoff: Cli, suffix: str) -> None:
    code, out, _ = bakeoff("predict", "churn", "churn.csv", "--out", f"scores{suffix}", "--proba")
    assert code == 0
    assert f"written to scores{suffix}" in out
    readers = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".feather": pd.read_feather}
    scores = pd.read_json(f"scores{suffix}", lines=True) if suffix == ".jsonl" else readers[suffix](f"scores{suffix}")
    assert list(scores.columns) == ["prediction", "p_no", "p_yes"]
    assert len(scores) == 60
    assert (scores["prediction"] == scores[["p_no", "p_yes"]].idxmax(axis=1).str.removeprefix("p_")).all()


def test_predict_chooses_the_same_labels_with_probabilities(finished: Path, bakeoff: Cli, tmp_path: Path) -> None:
    predictor = load_predictor(next((finished / "predictors").glob("*.pkl")))
    predictor.decision = (1.0, 100.0) if (predictor.predict(pd.read_csv("churn.csv")) == "no").all() else (100.0, 1.0)
    save_predictor(predictor, tmp_path, {})
    path = next(tmp_path.glob("*.pkl"))
    labels = []
    for more in ((), ("--proba",)):
        assert bakeoff("predict", path, "churn.csv", *more)[0] == 0
        labels.append(pd.read_csv("predictions.csv")["prediction"])
    assert labels[0].tolist() == labels[1].tolist()
    probabilities = load_predictor(path).predict_proba(pd.read_csv("churn.csv"))
    assert (labels[0] != probabilities.idxmax(axis=1)).all()


def test_columns_that_were_text_in_training_are_read_as_text(finished: Path, bakeoff: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[frozenset[str], bool, bool]] = []

    def spied(path: str, as_text: frozenset[str], unused: Callable[[str], bool], as_numbers: dict[str, bool]) -> pd.DataFrame:
        asked.append((as_text, unused("plan"), unused("a photograph")))
        return read_table(path, as_text, unused, as_numbers)

    monkeypatch.setattr("bakeoff.data.read_table", spied)
    assert bakeoff("predict", "churn", "churn.csv")[0] == 0
    assert asked == [({"plan", "churned"}, False, True)]


def test_predict_with_the_file_itself(finished: Path, bakeoff: Cli) -> None:
    predictor = next((finished / "predictors").glob("*.pkl"))
    assert bakeoff("predict", predictor, "churn.csv")[0] == 0
    assert list(pd.read_csv("predictions.csv").columns) == ["prediction"]


def test_predict_refuses_what_does_not_fit(finished: Path, bakeoff: Cli) -> None:
    pd.read_csv("churn.csv").drop(columns="age").to_csv("short.csv", index=False)
    code, _, err = bakeoff("predict", "churn", "short.csv")
    assert code == 3
    assert "age" in err
    code, _, err = bakeoff("predict", "churn", "churn.csv", "--out", "scores.xlsx")
    assert code == 2
    assert ".csv, .parquet, .feather, .jsonl" in err
    code, _, err = bakeoff("predict", "churn", "churn.csv", "--out", "no/folder.csv")
    assert code == 3
    assert "cannot be written" in err


@pytest.mark.parametrize("table", ["predictions.csv", "link.csv", "data/../predictions.csv"])
def test_predict_does_not_take_the_place_of_the_table(finished: Path, bakeoff: Cli, table: str) -> None:
    before = Path("churn.csv").rename("predictions.csv").read_bytes()
    Path("link.csv").symlink_to("predictions.csv")
    code, _, err = bakeoff("predict", "churn", table)
    assert (code, "take the place of the table" in err) == (2, True)
    assert Path("predictions.csv").read_bytes() == before


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".feather", ".jsonl"])
def test_predictions_that_cannot_be_written_leave_the_old_ones(
    finished: Path, bakeoff: Cli, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    Path(f"scores{suffix}").write_text("old")
    before = sorted(Path().iterdir())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    code, _, err = bakeoff("predict", "churn", "churn.csv", "--out", f"scores{suffix}")
    assert (code, "the predictions cannot be written" in err) == (3, True)
    assert Path(f"scores{suffix}").read_text() == "old"
    assert sorted(Path().iterdir()) == before


def test_predictions_are_read_by_whom_the_file_and_the_umask_allow(finished: Path, bakeoff: Cli) -> None:
    before = os.umask(0o027)
    try:
        Path("known.csv").touch(0o600)
        modes = []
        for name in ("known.csv", "new.csv"):
            assert bakeoff("predict", "churn", "churn.csv", "--out", name)[0] == 0
            modes.append(Path(name).stat().st_mode & 0o777)
        assert modes == [0o600, 0o640]
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)


def test_predict_does_not_open_a_changed_file(finished: Path, bakeoff: Cli) -> None:
    predictor = next((finished / "predictors").glob("*.pkl"))
    content = bytearray(predictor.read_bytes())
    content[-2] ^= 1
    predictor.write_bytes(content)
    code, _, err = bakeoff("predict", predictor, "churn.csv")
    assert code == 7
    assert "changed or damaged" in err


def test_clean_keeps_the_newest_and_what_they_need(finished: Path, project: Path, bakeoff: Cli) -> None:
    datasets = project / "data/runs/.datasets"
    datasets.mkdir()
    for name in ("d", "unused"):
        (datasets / f"{name}.parquet").write_bytes(b"x")
    code, out, _ = bakeoff("clean")
    assert code == 0
    assert "removed dataset unused.parquet" in out
    assert finished.is_dir()
    assert [path.name for path in datasets.iterdir()] == ["d.parquet"]
    out = bakeoff("clean", "--experiment", "churn", "--keep", "0")[1]
    assert "removed run churn/20261122-120000-ab12" in out
    assert not finished.exists()


def test_clean_keeps_all_datasets_while_a_run_cannot_be_read(finished: Path, project: Path, bakeoff: Cli) -> None:
    unused = project / "data/runs/.datasets/unused.parquet"
    unused.parent.mkdir()
    unused.write_bytes(b"x")
    (finished / "run.json").write_text("{oops")
    code, _, err = bakeoff("clean")
    assert code == 0
    assert "all dataset copies stay" in err
    assert unused.exists()


def test_clean_goes_on_where_a_folder_or_a_params_file_is_in_its_way(finished: Path, project: Path, bakeoff: Cli) -> None:
    shutil.copytree(finished, project / "data/runs/a_first" / finished.name)
    (project / "data/runs/lost+found").mkdir()
    (project / "params/a_first.yaml").write_text(PARAMS.replace("churn", "a_first", 1) + "nosuchkey: 1\n")
    (project / "params/churn.yaml").write_text(f"{PARAMS}runs: {{keep: 1}}\n")
    shutil.copytree(finished, finished.parent / "20261121-120000-ab12")
    RunFolder(finished.parent / "20261121-120000-ab12").update_facts(ended=1.0)
    code, out, err = bakeoff("clean")
    assert (code, out.splitlines()[0]) == (0, "removed run churn/20261121-120000-ab12")
    assert "data/runs/lost+found stays: it is no experiment's" in err
    assert "all runs of a_first stay, unless --keep says how many: params/a_first.yaml: nosuchkey" in err
    assert (project / "data/runs/a_first" / finished.name).is_dir()
    assert (project / "data/runs/lost+found").is_dir()
    assert "removed run a_first/" in bakeoff("clean", "--experiment", "a_first", "--keep", "0")[1]


@pytest.mark.parametrize(("words", "code"), [(["--keep", "-1"], 2), (["--experiment", "../x"], 2), (["--experiment", "wine"], 5)])
def test_clean_refuses(finished: Path, bakeoff: Cli, words: list[str], code: int) -> None:
    assert bakeoff("clean", *words)[0] == code
    assert finished.is_dir()


def test_expectations_show_then_accept(params: Path, bakeoff: Cli) -> None:
    path = Path("data/expectations/churn.json")
    out = bakeoff("expectations", "show", "churn")[1]
    assert "accept with: bakeoff expectations accept churn" in out
    assert not path.exists()
    assert bakeoff("expectations", "accept", "churn")[0] == 0
    assert "no difference" in bakeoff("expectations", "show", "churn")[1]
    frame = pd.read_csv("churn.csv")
    frame["age"] = frame["age"] * 3
    frame.to_csv("churn.csv", index=False)
    before = path.read_text()
    out = bakeoff("expectations", "show", "churn")[1]
    assert "age: range" in out
    assert path.read_text() == before
    assert "written" in bakeoff("expectations", "accept", "churn")[1]
    assert path.read_text() != before


def test_a_broken_suite_is_not_overwritten(params: Path, bakeoff: Cli) -> None:
    path = Path("data/expectations/churn.json")
    path.write_text("{oops")
    code, _, err = bakeoff("expectations", "accept", "churn")
    assert code == 3
    assert "these are no expectations" in err
    assert path.read_text() == "{oops"


def test_examples(project: Path, bakeoff: Cli) -> None:
    assert "wine" in bakeoff("examples")[1]
    assert bakeoff("examples", "wine", "--to", "w.parquet")[0] == 0
    assert pd.read_parquet("w.parquet").shape == (178, 14)
    code, _, err = bakeoff("examples", "whine")
    assert code == 2
    assert "did you mean wine" in err
