"""One Prefect server for the roads that need one, and experiments that take seconds."""

import signal
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.roads.road import free_port, started, wait_until

TINY: dict[str, Any] = {
    "task": "classification",
    "data": {"train": "data/raw/wine.parquet", "target": "cultivar"},
    "search": {"metric": "log_loss", "seed": 3, "algorithms": {"include": ["logistic_regression", "knn"]}},
    "limits": {"max_trials": 4},
    "validation": {"folds": 3},
    "leaderboard": {"interval_seconds": 0.5},
}
SLOW: dict[str, Any] = {
    "task": "regression",
    "data": {"train": "data/raw/randhie.parquet", "target": "mdvis", "test": 0.5},
    "search": {"seed": 3, "algorithms": {"include": ["random_forest", "extra_trees", "hist_gradient_boosting"]}},
    "limits": {"max_trials": 5},
    "validation": {"folds": 3},
    "leaderboard": {"interval_seconds": 0.5},
    "compute": {"max_concurrent_trials": 2},
}
"""Trials of a second or more, so that there is a middle to interrupt."""


@pytest.fixture(scope="session", autouse=True)
def ended_politely() -> Iterator[None]:
    """SIGTERM ends the session as Ctrl-C does: fixtures clean up after themselves."""
    before = signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every embedded server of the session keeps its database, so that it is migrated once."""
    return tmp_path_factory.mktemp("prefect-home")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a client of a real `prefect server start`."""
    folder = tmp_path_factory.mktemp("server")
    port = free_port()
    home = {"PREFECT_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    with started(command, folder, folder / "server.log", **home, PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS="2") as process:

        def up() -> bool:
            assert process.poll() is None, (folder / "server.log").read_text()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=2):
                    return True
            except OSError:
                return False

        wait_until(up, 120, "the server answers", folder / "server.log")
        yield {**home, "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
