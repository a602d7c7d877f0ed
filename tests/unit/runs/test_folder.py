"""The run folder: locks, resuming, damage, other versions, and files that are whole or not there."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bakeoff.errors import DiskFullError, RunBusyError, RunError
from bakeoff.params import validate
from bakeoff.runs import Candidate, Origin, RunFolder, Trial, extend_plan, open_run, read_plan, remove_old_runs, run_folders, start_run
from bakeoff.runs.files import read_json, replace_folder, write_json


def params(**more: Any) -> Any:
    return validate({"name": "loop", "task": "regression", "data": {"train": "x", "target": "y"}, **more})


def begin(root: Path, digest: str = "d", **more: Any) -> RunFolder:
    return start_run(params(**more), root, Origin(Path("x"), digest))


def test_an_unfinished_run_is_continued_and_a_finished_one_never(tmp_path: Path) -> None:
    first = begin(tmp_path)
    first.write_json("progress.json", {"elapsed_seconds": 12.5})
    first.lock.release()
    again = begin(tmp_path)
    assert again.path == first.path
    assert (again.facts()["seconds_used"], again.facts()["resumed"]) == (12.5, 1)
    again.close("finished")
    assert begin(tmp_path).path != first.path


@pytest.mark.parametrize("change", [{"digest": "other"}, {"search": {"seed": 2}}])
def test_other_data_or_params_are_a_run_of_their_own(tmp_path: Path, change: dict[str, Any]) -> None:
    first = begin(tmp_path)
    assert begin(tmp_path, **change).path != first.path


def test_a_second_process_is_told_who_holds_the_run(tmp_path: Path) -> None:
    run = begin(tmp_path)
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\n"
        "from bakeoff.params import validate; from bakeoff.runs import Origin, start_run\n"
        "p = validate({'name': 'loop', 'task': 'regression', 'data': {'train': 'x', 'target': 'y'}})\n"
        "start_run(p, Path(sys.argv[1]), Origin(Path('x'), 'd'))"
    )
    second = subprocess.run([sys.executable, "-c", code, str(tmp_path), str(Path.cwd())], capture_output=True, text=True, check=False)
    assert f"process {os.getpid()} on" in second.stderr
    assert "RunBusyError" in second.stderr
    run.lock.release()


def test_the_same_process_is_told_too(tmp_path: Path) -> None:
    run = begin(tmp_path)
    with pytest.raises(RunBusyError, match=f"process {os.getpid()} on"):
        begin(tmp_path)
    run.lock.release()


def test_trials_are_read_back_and_a_damaged_one_is_fitted_again(tmp_path: Path) -> None:
    run = begin(tmp_path)
    trials = [Trial(Candidate(i, "knn", {"n_neighbors": i}, "codes", 0), "done", scores={"r2_score": i / 3}) for i in (2, 0, 1)]
    for trial in trials:
        run.record(trial)
    assert run.trials() == sorted(trials, key=lambda t: t.candidate.index)
    (run.path / "trials" / f"{trials[0].id}.json").write_text('{"candidate": {')
    assert run.trial(trials[0].id) is None
    assert len(run.trials()) == 2


def test_a_plan_s_torn_line_is_dropped(tmp_path: Path) -> None:
    run = begin(tmp_path)
    one, two = (Candidate(i, "knn", {"n_neighbors": i}, "codes", 0) for i in (0, 1))
    extend_plan(run, [one])
    with open(run.path / "plan.jsonl", "a") as file:
        file.write('{"index": 1, "algo')
    assert read_plan(run) == [one]
    extend_plan(run, [two])
    assert read_plan(run) == [one, two]


def test_the_first_candidates_of_a_plan_are_there_all_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = begin(tmp_path)
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(DiskFullError):
        extend_plan(run, [Candidate(0, "knn", {}, "codes", 0)])
    assert read_plan(run) == []
    assert not run.has("plan.jsonl")


def test_a_run_killed_long_after_its_progress_was_written_has_used_what_its_files_show(tmp_path: Path) -> None:
    run = begin(tmp_path)
    write_json(run.path / "progress.json", {"elapsed_seconds": 12.5})
    run.record(Trial(Candidate(1, "knn", {}, "codes", 0), "done"))
    (file,) = (run.path / "trials").glob("*.json")
    ended = run.facts()["started"] + 100
    os.utime(file, (ended, ended))
    run.lock.release()
    again = begin(tmp_path)
    assert again.facts()["seconds_used"] == pytest.approx(100)
    later = again.facts()["started"] + 50
    os.utime(again.path / "trials" / file.name, (later, later))
    again.lock.release()
    assert begin(tmp_path).facts()["seconds_used"] == pytest.approx(150, abs=1)


def test_a_candidate_is_known_by_what_it_is_not_by_its_place() -> None:
    one = Candidate(1, "knn", {"a": 1, "b": 2}, "codes", 0)
    assert Candidate(9, "knn", {"b": 2, "a": 1}, "codes", 0, origin="tuner").id == one.id
    assert Candidate(1, "knn", {"a": 1, "b": 3}, "codes", 0).id != one.id
    assert Candidate.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_a_score_that_is_not_defined_comes_back_as_nan(tmp_path: Path) -> None:
    run = begin(tmp_path)
    given = {"AUC_weighted": (0.5, math.nan), "accuracy": (1.0, 0.5)}
    run.record(Trial(Candidate(1, "knn", {}, "codes", 0), "done", scores={"AUC_weighted": math.nan}, fold_scores=given))
    (read,) = run.trials()
    np.testing.assert_equal([dict(read.scores), dict(read.fold_scores)], [{"AUC_weighted": math.nan}, given])


def test_folders_of_another_version_or_none_are_told(tmp_path: Path) -> None:
    run = begin(tmp_path)
    write_json(run.path / "run.json", {"format": 99, "libraries": {"bakeoff": "7.0"}})
    with pytest.raises(RunError, match=r"another version of Bakeoff\n  given: format 99, Bakeoff 7\.0\n  allowed: format 1"):
        open_run(run.path)
    with pytest.raises(RunError, match="this is no run folder"):
        open_run(tmp_path)


def test_a_store_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="this cannot be written"):
        begin(tmp_path / "file")


def test_a_run_without_a_leaderboard_can_be_looked_at(tmp_path: Path) -> None:
    run = begin(tmp_path)
    assert repr(open_run(run.path)) == f"<run loop/{run.id}: running, no predictor yet>"
    run.write_json("leaderboard.json", {"rows": []})
    assert open_run(run.path).failures.empty


def test_old_runs_go_and_running_ones_stay(tmp_path: Path) -> None:
    runs = [begin(tmp_path, search={"seed": seed}) for seed in range(4)]
    ids = [run.id for run in runs]
    for number in (2, 3, 0):
        runs[number].close("finished")
    assert remove_old_runs(tmp_path / "loop", keep=2) == [ids[2]]  # the first of them began earliest, and ended last
    assert remove_old_runs(tmp_path / "loop", keep=1, spared=ids[3]) == [ids[0]]
    assert sorted(p.parent.name for p in (tmp_path / "loop").glob("*/run.json")) == sorted([ids[1], ids[3]])


def test_a_removal_that_was_killed_is_ended_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = begin(tmp_path)
    run.close("finished")

    def killed(path: Path, **_: object) -> None:
        next(path.rglob("run.json")).unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            remove_old_runs(tmp_path / "loop", keep=0)
    assert run_folders(tmp_path / "loop") == []
    assert remove_old_runs(tmp_path / "loop", keep=0) == []
    assert [path.name for path in (tmp_path / "loop").iterdir()] == [".lock"]


def test_json_files_have_no_nan_and_a_failed_write_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"x": float("nan"), 3: (1, float("inf"))})
    assert read_json(path) == {"x": None, "3": [1, None]}
    with pytest.raises(TypeError):
        write_json(path, {"x": object()})
    assert read_json(path)["3"] == [1, None]
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    old, new = tmp_path / "models", tmp_path / ".models-new"
    for folder, name in ((old, "old.pkl"), (new, "new.pkl")):
        folder.mkdir()
        (folder / name).write_text(name)
    (tmp_path / ".models-old-killed" / "models").mkdir(parents=True)  # by a process that was killed between its renames
    replace_folder(new, old)
    assert [p.name for p in tmp_path.iterdir()] == ["models"]
    assert [p.name for p in old.iterdir()] == ["new.pkl"]


def test_what_a_stop_skipped_is_carried_out_when_the_run_goes_on(tmp_path: Path) -> None:
    run = begin(tmp_path)
    done, stopped, large = (Candidate(i, "knn", {"n_neighbors": i}, "codes", 0) for i in range(3))
    run.record(Trial(done, "done"))
    run.record(Trial(stopped, "skipped", "stopped by SIGINT"))
    run.record(Trial(large, "skipped", "knn takes at most 50,000 rows, the table has 60,000"))
    (run.path / "stop").write_text("stopped by SIGINT")
    run.lock.release()
    again = begin(tmp_path)
    assert [t.candidate.index for t in again.trials()] == [0, 2]
    assert not (again.path / "stop").exists()
