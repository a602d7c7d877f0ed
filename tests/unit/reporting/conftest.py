"""A run folder as a finished search leaves it, made by hand."""

from pathlib import Path
from typing import Any

import pytest

from bakeoff.runs import RunFolder


def row(rank: int | None, name: str, score: float | None, **more: Any) -> dict[str, Any]:
    algorithm, _, trial = name.rpartition("-")
    plain = {"rank": rank, "id": trial, "name": name, "algorithm": algorithm, "recipe": "codes", "score": score, "std": 0.01}
    return {**plain, "fit_seconds": 1.5, "state": "done", "reason": "", "origin": "portfolio", "index": 1, "scores": {}, **more}


@pytest.fixture
def board() -> dict[str, Any]:
    return {
        "metric": "AUC_weighted",
        "greater_is_better": True,
        "task": "classification",
        "updated": "2026-11-22T12:00:00Z",
        "rows": [
            row(1, "lightgbm-aaaaaaaaaa", 0.9876),
            row(2, "baseline-bbbbbbbbbb", 0.5),
            row(None, "knn-cccccccccc", None, std=None, state="failed", reason="MemoryError: [red]it | took too much[/]"),
        ],
        "counts": {"done": 2, "failed": 1, "skipped": 0, "planned": 4},
    }


@pytest.fixture
def run(tmp_path: Path, board: dict[str, Any]) -> RunFolder:
    folder = RunFolder(tmp_path / "churn" / "20261122-120000-ab12")
    folder.path.mkdir(parents=True)
    facts = {"format": 1, "experiment": "churn", "state": "finished", "created": 1795348800.0, "params_digest": "p" * 16}
    folder.write_json("run.json", {**facts, "data_digest": "d" * 64, "libraries": {"bakeoff": "0.1.0"}, "overrides": {}})
    folder.write_json("leaderboard.json", board)
    return folder
