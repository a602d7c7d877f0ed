"""One Prefect server for the roads that need one, and experiments that take seconds."""

import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.roads.road import ends_of_logs, prefect_server

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
    with prefect_server(tmp_path_factory.mktemp("server"), PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS="2") as (_, client):
        yield client


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure is told with the ends of the logs in the test's own folder, beside the deployed project, and of the server."""
    report = yield
    if report.failed:
        used = getattr(item, "funcargs", {})
        folders = [used["tmp_path"]] if "tmp_path" in used else []
        folders += [used["project"].parent] if "project" in used else []
        folders += [Path(used["server"]["PREFECT_HOME"]).parent] if "server" in used else []
        report.sections += [(f"end of {path}", said) for folder in folders for path, said in ends_of_logs(folder)]
    return report
