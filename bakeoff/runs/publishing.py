"""What leaves the run store; law: a reader sees the old folder or the new one, and equal results give equal metrics."""

import csv
import glob
import io
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bakeoff.runs.choosing import best_row
from bakeoff.runs.files import replace_folder, write_atomically, write_json
from bakeoff.runs.folder import RunFolder, lock_file

__all__ = ["end_state", "publish_layout", "publish_lock", "published_names"]

DETAILS = (
    "params.yaml",
    "schema.json",
    "featurization_summary.json",
    "guardrails.json",
    "inference.json",
    "expectations.json",
    "expectations.html",
    "test_scores.json",
)


@contextmanager
def publish_lock(runs: Path) -> Iterator[None]:
    """Held by one process of a run store at a time, while folders are swapped and the swap is recorded."""
    with lock_file(runs / ".publish-lock"):
        yield


def publish_layout(run: RunFolder, models: Path, reports: Path, summary: str = "") -> list[str]:
    """Puts the run's predictors in the place of folder `models`, its report in the place of `reports`; the predictors' names.

    Everything is written beside first; each folder is swapped by rename. Call it within `publish_lock`. `summary` is markdown; where it
    names the run's predictors, the published one names those in `models`.
    """
    board = run.leaderboard()
    names = published_names(board["rows"], run.params().runs.keep_models)
    with _beside(models) as new_models, _beside(reports) as new_reports:
        for name in names:
            for ending in ("pkl", "json"):
                shutil.copyfile(run.path / "predictors" / f"{name}.{ending}", new_models / f"{name}.{ending}")
        _write_report(run, board, new_reports, summary.replace(str(run.path / "predictors"), str(models)))
        replace_folder(new_models, models)
        replace_folder(new_reports, reports)
    return names


def published_names(rows: Sequence[Mapping[str, Any]], keep_models: str | int) -> list[str]:
    """Names of the predictors that are published, best first: all, or the best N, the ensemble, its members, and what was refitted."""
    ranked = [row for row in rows if row["rank"] is not None]
    if keep_models == "all":
        return [row["name"] for row in ranked]
    wanted = {row["name"] for row in ranked[: int(keep_models)]}
    for row in ranked:
        wanted |= {row["name"], *row["members"]} if row.get("members") else set()
        wanted |= {row["name"]} if row["origin"] == "refit" or row.get("best") else set()
    return [row["name"] for row in ranked if row["name"] in wanted]


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A new folder on the same file system, removed where it was not put in place, as is one that a killed process left."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    for remains in folder.parent.glob(f".{glob.escape(folder.name)}-new-*"):
        shutil.rmtree(remains)
    holder = Path(tempfile.mkdtemp(prefix=f".{folder.name}-new-", dir=folder.parent))
    new = holder / folder.name
    new.mkdir()
    try:
        yield new
    finally:
        shutil.rmtree(holder)


def _write_report(run: RunFolder, board: Mapping[str, Any], folder: Path, summary: str) -> None:
    test_scores = run.read_json("test_scores.json") if run.has("test_scores.json") else {}
    write_json(folder / "metrics.json", _metrics(board, test_scores))
    _write_csv(folder / "leaderboard.csv", _leaderboard_lines(board))
    (folder / "plots").mkdir()
    _write_csv(folder / "plots" / "search.csv", _search_lines(board))
    details = folder / "details"
    details.mkdir()
    write_json(details / "run.json", _ended(run.facts()))
    for name in DETAILS:
        if run.has(name):
            shutil.copyfile(run.path / name, details / name)
    if run.has("charts"):
        shutil.copytree(run.path / "charts", details / "charts")
    _write_csv(details / "timings.csv", _timing_lines(run, board))
    write_atomically(details / "summary.md", lambda file: file.write(summary.encode()))


def _ended(facts: dict[str, Any]) -> dict[str, Any]:
    """run.json as it will be: a run is closed after it was published, since one that could not be published goes on."""
    if facts["state"] != "running":
        return facts
    message = facts.get("ended_because", "")
    return {**facts, "state": end_state(message), "message": message, "ended": time.time()}


def end_state(message: str) -> str:
    """The state of a run that ended for what `message` says."""
    return "stopped" if message.startswith("stopped by") else "finished"


def _metrics(board: Mapping[str, Any], test_scores: Mapping[str, Any]) -> dict[str, Any]:
    """What `dvc metrics show` compares: nothing that differs between two equal results, so no time and no run."""
    best = best_row(board["rows"])
    found: dict[str, Any] = {"metric": board["metric"], "trials": {k: board["counts"][k] for k in ("done", "failed", "skipped")}}
    if best is not None:
        found["best"] = {"name": best["name"], "score": best["score"]}
        found["validation"] = best["scores"]
        if best["name"] in test_scores.get("scores", {}):
            found["test"] = test_scores["scores"][best["name"]]
    return found


def _leaderboard_lines(board: Mapping[str, Any]) -> Iterator[list[Any]]:
    columns = ["rank", "name", "algorithm", "recipe", "score", "std", "state", "reason"]
    metrics = list(next((row["scores"] for row in board["rows"] if row["scores"]), {}))
    yield [*columns, *metrics]
    for row in board["rows"]:
        yield [row[c] for c in columns] + [row["scores"].get(m) for m in metrics]


def _search_lines(board: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Trial by trial in the plan's order, the score and the best so far."""
    choose: Callable[..., float] = max if board["greater_is_better"] else min
    yield ["trial", "name", "score", "best_score"]
    best: float | None = None
    done = [row for row in board["rows"] if row["state"] == "done" and row["index"] is not None and row["score"] is not None]
    for row in sorted(done, key=lambda row: row["index"]):
        best = row["score"] if best is None else choose(best, row["score"])
        yield [row["index"], row["name"], row["score"], best]


def _timing_lines(run: RunFolder, board: Mapping[str, Any]) -> Iterator[list[Any]]:
    """What differs from run to run, row by row: when and how long each trial was trained, and what scoring takes."""
    columns = ("started", "ended", "host", "encode_seconds", "fit_seconds", "predict_seconds", "peak_memory_mb", "predictor_bytes")
    measured = sorted({column for row in board["rows"] for column in row if column.startswith(("latency_", "size_"))})
    yield ["name", *columns, *measured]
    trials = {trial.candidate.name: trial for trial in run.trials()}
    for row in board["rows"]:
        yield [row["name"], *(getattr(trials.get(row["name"]), c, None) for c in columns), *(row.get(c) for c in measured)]


def _write_csv(path: Path, lines: Iterable[list[Any]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    write_atomically(path, lambda file: file.write(text.getvalue().encode()))
