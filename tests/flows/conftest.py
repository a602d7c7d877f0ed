"""Prefect with a database of its own, and a small project to run in."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml


@pytest.fixture(scope="session")
def prefect() -> Iterator[None]:
    """Prefect's test harness: a temporary server and database. It is waited for however slow the machine is: what it shows is looked at."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=600), pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.asking.TIMEOUT_SECONDS", 120.0)
        yield


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the experiment `small` in it."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=90), "b": rng.integers(0, 5, size=90), "c": rng.choice(["x", "y"], size=90)})
    frame["y"] = np.where(frame["a"] + (frame["c"] == "x") > 0.3, "yes", "no")
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "params").mkdir()
    frame.to_csv("data/raw/small.csv", index=False)
    params = {
        "name": "small",
        "task": "classification",
        "data": {"train": "data/raw/small.csv", "target": "y", "test": 0.2},
        "search": {"algorithms": {"include": ["logistic_regression", "knn"]}},
        "validation": {"folds": 2},
        "limits": {"max_trials": 3},
        "compute": {"max_concurrent_trials": 1},
        "leaderboard": {"interval_seconds": 0.5},
    }
    Path("params/small.yaml").write_text(yaml.safe_dump(params))
    return tmp_path
