"""A project with things to lose, and a command line that must lose none of them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from bakeoff.cli.main import main

Cli = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]
TREASURE = (
    "data/models/churn/lightgbm-0a1b2c3d4e.pkl",
    "data/reports/churn/metrics.json",
    "data/runs/churn/20261101-060000-ab12/trials/0a1b2c3d4e.json",
    "data/runs/.datasets/aa.parquet",
    "data/expectations/other.json",
    "dvc.lock",
)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder; what earlier runs left in it must be there, byte by byte, when the test is over."""
    root = tmp_path / "project"
    for name in TREASURE:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"left by an earlier run: {name}")
    for folder in ("params", "data/raw", ".dvc"):
        (root / folder).mkdir(parents=True)
    (root / "dvc.yaml").write_text("stages:\n  automl:\n    foreach:\n      wine: {data: data/raw/wine.parquet}\n    do: {cmd: x}\n")
    (root / "prefect.yaml").write_text("deployments:\n- {name: wine, entrypoint: 'flows/automl.py:automl'}\n")
    monkeypatch.chdir(root)
    kept = {name: (root / name).read_bytes() for name in (*TREASURE, "dvc.yaml", "prefect.yaml")}
    yield root
    assert {name: (root / name).read_bytes() for name in kept} == kept


@pytest.fixture
def bakeoff(capfd: pytest.CaptureFixture[str]) -> Cli:
    """Carries out a command line: exit code, what it printed, what it complained about."""

    def carried_out(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return carried_out


@pytest.fixture
def refused(bakeoff: Cli) -> Refused:
    """Asserts that each command refuses the experiment: its exit code, no traceback, and these words."""

    def asserted(code: int, *words: str, commands: tuple[str, ...] = ("check", "plan")) -> str:
        told = ""
        for command in commands:
            given, _, told = bakeoff(command, "params/churn.yaml")
            assert "Traceback" not in told
            assert given == code, told
            assert [word for word in words if word not in told] == [], told
        return told

    return asserted


def customers(rows: int = 60) -> pd.DataFrame:
    """A good table: age and plan tell something about churned."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.integers(18, 90, rows), "plan": rng.choice(["free", "gold"], rows)})
    frame["spent"] = rng.normal(100, 20, rows).round(2)
    frame["churned"] = np.where(frame["age"] + 20 * (frame["plan"] == "free") + rng.normal(0, 10, rows) > 60, "yes", "no")
    return frame


def table(content: pd.DataFrame | str | bytes, name: str = "churn.csv") -> str:
    """Writes data/raw/<name>; its path."""
    path = Path("data/raw") / name
    if isinstance(content, pd.DataFrame):
        content.to_parquet(path) if name.endswith(".parquet") else content.to_csv(path, index=False)
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def experiment(train: str | pd.DataFrame, *, target: str = "churned", task: str = "classification", **sections: Any) -> Path:
    """Writes params/churn.yaml for a table."""
    path = train if isinstance(train, str) else table(train)
    data = {"train": path, "target": target, **sections.pop("data", {})}
    content = {"name": "churn", "task": task, "data": data, **sections}
    params = Path("params/churn.yaml")
    params.write_text(yaml.safe_dump(content, sort_keys=False))
    return params
