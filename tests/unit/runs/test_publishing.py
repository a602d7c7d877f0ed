"""What leaves the run store."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bakeoff.params import validate
from bakeoff.reporting import summary_markdown
from bakeoff.runs.files import read_json
from bakeoff.runs.folder import RunFolder
from bakeoff.runs.publishing import publish_layout, published_names
from bakeoff.runs.starting import Origin, start_run


def row(name: str, rank: int | None, score: float | None, **more: Any) -> dict[str, Any]:
    fixed = {"id": name, "name": name, "algorithm": name, "recipe": "codes", "std": None, "reason": "", "origin": "portfolio"}
    scores = {} if score is None else {"accuracy": score}
    return {
        **fixed,
        "rank": rank,
        "score": score,
        "fit_seconds": 1.5,
        "state": "done" if rank else "failed",
        "index": rank,
        "scores": scores,
        **more,
    }


ROWS = [
    row("voting_ensemble", 1, 0.9, index=None, members={"b": 0.5, "c": 0.5}, latency_1000_p50_ms=7.5, size_mb=0.1),
    row("a", 2, 0.8),
    row("b", 3, 0.7),
    row("c", 4, 0.6),
    row("x", None, None),
]


@pytest.mark.parametrize(
    ("keep", "names"),
    [("all", ["voting_ensemble", "a", "b", "c"]), (1, ["voting_ensemble", "b", "c"]), (2, ["voting_ensemble", "a", "b", "c"])],
)
def test_the_best_and_the_members_of_an_ensemble_are_published(keep: str | int, names: list[str]) -> None:
    assert published_names(ROWS, keep) == names


def test_a_refit_and_the_row_that_is_fast_enough_are_published_however_low_they_stand() -> None:
    rows = [*ROWS[:2], row("refit-a", 3, 0.8, origin="refit", index=None), {**ROWS[2], "rank": 4}, row("c", 5, 0.6, best=True)]
    assert published_names([rows[1], *rows[2:]], 1) == ["a", "refit-a", "c"]


def test_metrics_speak_of_the_row_that_is_fast_enough(run: RunFolder, tmp_path: Path) -> None:
    board = run.leaderboard()
    run.write_json("leaderboard.json", {**board, "rows": [{**one, "best": one["name"] == "b"} for one in board["rows"]]})
    publish_layout(run, tmp_path / "models" / "x", tmp_path / "reports" / "x")
    assert '"name": "b"' in (tmp_path / "reports" / "x" / "metrics.json").read_text()


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    params = validate({"name": "x", "task": "classification", "data": {"train": "x.csv", "target": "y"}})
    folder = start_run(params, tmp_path / "runs", Origin(tmp_path / "x.parquet", "0"))
    counts = {"done": 4, "failed": 1, "skipped": 0, "planned": 5}
    folder.write_json(
        "leaderboard.json", {"metric": "accuracy", "greater_is_better": True, "task": "classification", "rows": ROWS, "counts": counts}
    )
    for name in published_names(ROWS, "all"):
        (folder.path / "predictors" / f"{name}.pkl").write_bytes(name.encode())
        folder.write_json(f"predictors/{name}.json", {})
    folder.lock.release()
    return folder


def test_folders_are_replaced_whole(run: RunFolder, tmp_path: Path) -> None:
    models, reports = tmp_path / "models" / "x", tmp_path / "reports" / "x"
    for folder in (models, reports):
        folder.mkdir(parents=True)
        (folder / "old.txt").write_text("old")
    names = publish_layout(run, models, reports, "# x")
    assert sorted(path.name for path in models.iterdir()) == sorted(f"{n}.{end}" for n in names for end in ("json", "pkl"))
    assert not (reports / "old.txt").exists()
    assert (reports / "details" / "summary.md").read_text() == "# x"
    assert (reports / "plots" / "search.csv").read_text().splitlines()[1:] == ["2,a,0.8,0.8", "3,b,0.7,0.8", "4,c,0.6,0.8"]
    for folder in (models.parent, reports.parent):
        assert [path.name for path in folder.iterdir()] == ["x"]


@pytest.mark.parametrize(("because", "state"), [("every candidate was trained", "finished"), ("stopped by SIGINT", "stopped")])
def test_the_published_run_has_ended_and_its_summary_names_what_is_published(
    run: RunFolder, tmp_path: Path, because: str, state: str
) -> None:
    models, details = tmp_path / "models" / "x", tmp_path / "reports" / "x" / "details"
    run.update_facts(ended_because=because)
    publish_layout(run, models, tmp_path / "reports" / "x", summary_markdown(run))
    facts = read_json(details / "run.json")
    assert (facts["state"], facts["message"], facts["ended"] >= facts["started"]) == (state, because, True)
    assert f"bakeoff predict {models}/voting_ensemble.pkl TABLE" in (details / "summary.md").read_text()
    assert str(run.path) not in (details / "summary.md").read_text()
    run.close("failed", "a closed run is published as it ended")
    publish_layout(run, models, tmp_path / "reports" / "x")
    assert read_json(details / "run.json") == run.facts()


def test_what_is_compared_holds_no_time(run: RunFolder, tmp_path: Path) -> None:
    reports = tmp_path / "reports" / "x"
    publish_layout(run, tmp_path / "models" / "x", reports)
    assert "seconds" not in (reports / "leaderboard.csv").read_text()
    assert "1.5" not in (reports / "metrics.json").read_text()
    timings = pd.read_csv(reports / "details" / "timings.csv", index_col="name")
    assert list(timings.index) == [one["name"] for one in ROWS]
    assert timings.loc["voting_ensemble", "latency_1000_p50_ms"] == 7.5


def test_a_failure_leaves_the_old_folders(run: RunFolder, tmp_path: Path) -> None:
    models, reports = tmp_path / "models" / "x", tmp_path / "reports" / "x"
    publish_layout(run, models, reports)
    (run.path / "predictors" / "a.pkl").unlink()
    (models / "mine").touch()
    (models.parent / ".x-new-killed" / "x").mkdir(parents=True)  # by a process that was killed
    with pytest.raises(FileNotFoundError):
        publish_layout(run, models, reports)
    assert (models / "mine").exists()
    assert [path.name for path in models.parent.iterdir()] == ["x"]
