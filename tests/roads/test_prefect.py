"""The Prefect roads: deployments, API, schedule, cancel, and the global concurrency limit."""

import json
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import yaml

from tests.roads.conftest import SLOW, TINY
from tests.roads.road import HANG, automl, copy_project, run, runs_of, started, trials, wait_for_end, wait_until, write_params

pytestmark = [pytest.mark.roads, pytest.mark.timeout(3600)]

PREFECT = [sys.executable, "-m", "prefect"]
DVC = [sys.executable, "-m", "dvc"]
RECORDED: dict[str, Any] = {**TINY, "publish": {"git": "commit"}}
LONG: dict[str, Any] = {
    "task": "classification",
    "data": {"train": "data/raw/breast_cancer.parquet", "target": "diagnosis"},
    "search": {"seed": 3, "ensemble": False, "algorithms": {"include": ["hist_gradient_boosting"]}},
    "limits": {"max_trials": 200},
    "validation": {"folds": 3},
    "leaderboard": {"interval_seconds": 0.5},
    "compute": {"max_concurrent_trials": 2},
}
"""Still in its middle when Cancel arrives, however late, and soon at its end: Prefect kills what goes on 30 s after its SIGTERM."""


class Api:
    """Prefect's REST API, as any caller outside this project would use it."""

    def __init__(self, server: dict[str, str]) -> None:
        """No connection is kept: the server closes an idle one after seconds, perhaps in the moment in which it is used again.

        The server waits a minute for SQLite's lock before it says that it is busy.
        """
        self.log = Path(server["PREFECT_HOME"]).parent / "server.log"
        self.client = httpx.Client(base_url=f"{server['PREFECT_API_URL']}/", timeout=120, limits=httpx.Limits(max_keepalive_connections=0))

    def ask(self, method: str, path: str, content: Any = None) -> httpx.Response:
        """Asked again while the server says that it is busy (503: SQLite's lock), as Prefect's own client does, whatever the method.

        Also where no answer comes, if it only looks, or names an idempotency key.
        """
        harmless = method == "GET" or path.endswith(("/filter", "/create_flow_run"))

        def answered() -> httpx.Response | None:
            try:
                answer = self.client.request(method, path, json=content)
            except httpx.TransportError:
                if harmless:
                    return None
                raise
            return None if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else answer

        return wait_until(answered, 300, path, self.log).raise_for_status()  # type: ignore[union-attr]

    def post(self, path: str, **content: Any) -> Any:
        return self.ask("POST", path, content).json()

    def get(self, path: str) -> Any:
        return self.ask("GET", path).json()

    def deployment(self, name: str) -> str:
        return str(self.get(f"deployments/name/automl/{name}")["id"])

    def start(self, name: str, **parameters: Any) -> str:
        path = f"deployments/{self.deployment(name)}/create_flow_run"
        return str(self.post(path, parameters=parameters, idempotency_key=uuid.uuid4().hex)["id"])

    def state(self, flow_run: str) -> dict[str, Any]:
        state: dict[str, Any] = self.get(f"flow_runs/{flow_run}")["state"]
        return state

    def ended(self, flow_run: str) -> dict[str, Any] | None:
        state = self.state(flow_run)
        return state if state["type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, server: dict[str, str]) -> Iterator[Path]:
    """A project whose experiments are deployed, with a worker."""
    folder = copy_project(tmp_path_factory.mktemp("deployed") / "project", {"tiny": RECORDED, "long": LONG})
    run([*PREFECT, "work-pool", "create", "bakeoff", "--type", "process"], folder, **server)
    run([*PREFECT, "--no-prompt", "deploy", "--all"], folder, **server)
    with started(
        [*PREFECT, "worker", "start", "--pool", "bakeoff"], folder, folder.parent / "worker.log", **server, PREFECT_WORKER_QUERY_SECONDS="1"
    ):
        yield folder


@pytest.fixture
def api(server: dict[str, str]) -> Api:
    return Api(server)


def wait_for_run(api: Api, flow_run: str, project: Path) -> dict[str, Any]:
    return wait_until(lambda: api.ended(flow_run), HANG, "the flow run ended", project.parent / "worker.log")  # type: ignore[return-value]


def test_a_run_through_the_api_with_a_nested_override_stays_in_the_run_store(project: Path, api: Api) -> None:
    before = run(["git", "rev-parse", "HEAD"], project)
    flow_run = api.start("tiny", overrides={"limits": {"max_trials": 2}, "search": {"seed": 5}})
    state = wait_for_run(api, flow_run, project)
    assert state["type"] == "COMPLETED", state
    assert "it has overrides" in state["message"]
    kept = yaml.safe_load((runs_of(project, "tiny")[-1] / "params.yaml").read_text())
    assert kept["limits"]["max_trials"] == 2
    assert kept["search"]["seed"] == 5
    assert kept["search"]["metric"] == "log_loss"
    assert not (project / "data" / "models" / "tiny").exists()
    assert run(["git", "rev-parse", "HEAD"], project) == before

    in_flow = {"flow_runs": {"id": {"any_": [flow_run]}}}
    board = json.loads((runs_of(project, "tiny")[-1] / "leaderboard.json").read_text())
    trained = [row["name"] for row in board["rows"] if row["index"] is not None]

    def shown() -> list[str]:
        return sorted(task["name"] for task in api.post("task_runs/filter", **in_flow) if task["name"] in trained)

    # a task run reaches the server's database as an event, which the flow's end may overtake
    wait_until(lambda: shown() == sorted(trained), 120, f"the task runs are those of {trained}", api.log)
    artifacts = api.post("artifacts/filter", **in_flow)
    assert sorted(artifact["key"] for artifact in artifacts) == [
        f"tiny-{what}" for what in ("expectations", "guardrails", "leaderboard", "progress", "summary")
    ]
    table = next(artifact for artifact in artifacts if artifact["key"] == "tiny-leaderboard")
    assert table["type"] == "table"
    assert [row["name"] for row in json.loads(table["data"])] == [row["name"] for row in board["rows"]]


def test_a_run_without_overrides_is_recorded_and_an_older_one_comes_back(project: Path, api: Api) -> None:
    def model_bytes() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (project / "data" / "models" / "tiny").iterdir()}

    state = wait_for_run(api, api.start("tiny"), project)
    assert state["type"] == "COMPLETED", state
    assert "up to date" in run([*DVC, "status", "automl@tiny"], project)
    assert run(["git", "show", "--name-only", "--format=", "HEAD"], project).split() == ["dvc.lock"]
    assert run(["git", "status", "--porcelain"], project) == ""
    first, older = model_bytes(), run(["git", "rev-parse", "HEAD"], project).strip()

    write_params(project, "tiny", {**RECORDED, "limits": {"max_trials": 3}})
    run(["git", "commit", "-qam", "fewer trials"], project)
    state = wait_for_run(api, api.start("tiny"), project)
    assert state["type"] == "COMPLETED", state
    assert model_bytes().keys() != first.keys()

    newest = run(["git", "rev-parse", "HEAD"], project).strip()
    run(["git", "checkout", "-q", older], project)
    run([*DVC, "checkout", "-q"], project, code=None)  # the other experiment was never run, which checkout says
    assert model_bytes() == first
    run(["git", "checkout", "-q", newest], project)


def waits(api: Api) -> list[str]:
    """What was logged of slots: a task's log goes to the server, not to the terminal."""
    logs = api.post("logs/filter", sort="TIMESTAMP_DESC", limit=200)
    return [f"{log['timestamp']} {log['message']}" for log in logs if "slot of the limit" in log["message"]]


def _is_alive(flow_run: str) -> bool:
    """Whether the process in which a worker carries out a flow run is still there."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("PREFECT__FLOW_RUN_ID") == flow_run:
                return True
    return False


def test_a_broken_contract_fails_the_run_with_the_expectation_and_without_traceback(project: Path, api: Api) -> None:
    path = project / "data" / "expectations" / "tiny.json"
    text = path.read_text()
    suite = json.loads(text)
    between = next(
        e for e in suite["expectations"] if e["type"] == "expect_column_values_to_be_between" and e["kwargs"]["column"] == "alcohol"
    )
    between["kwargs"]["max_value"] = 12
    path.write_text(json.dumps(suite))
    try:
        flow_run = api.start("tiny")
        state = wait_for_run(api, flow_run, project)
    finally:
        path.write_text(text)
    assert state["type"] == "FAILED", state
    assert "column 'alcohol': expect_column_values_to_be_between" in state["message"]
    assert "bakeoff expectations accept tiny" in state["message"]
    wait_until(lambda: not _is_alive(flow_run), HANG, "its process ended, with all that it logs", project.parent / "worker.log")
    logs = api.post("logs/filter", logs={"flow_run_id": {"any_": [flow_run]}})
    assert not [log["message"] for log in logs if "Traceback" in log["message"]]


def test_a_schedule_fires(project: Path, api: Api) -> None:
    """Once: a run takes longer than a short interval on a slow machine, and what piles up would run beside the tests that follow."""
    deployment = api.deployment("tiny")
    soon = (datetime.now(UTC) + timedelta(seconds=10)).isoformat()
    schedule = {"schedule": {"interval": 120, "anchor_date": soon}, "active": True, "max_scheduled_runs": 1}
    made = api.ask("POST", f"deployments/{deployment}/schedules", [schedule]).json()[0]
    scheduled = {"deployment_id": {"any_": [deployment]}, "state": {"type": {"any_": ["COMPLETED"]}}, "tags": {"all_": ["auto-scheduled"]}}
    try:
        wait_until(
            lambda: api.post("flow_runs/filter", flow_runs=scheduled), HANG, "a scheduled run completed", project.parent / "worker.log"
        )
    finally:
        api.ask("DELETE", f"deployments/{deployment}/schedules/{made['id']}")
    going_on = {"deployment_id": {"any_": [deployment]}, "state": {"type": {"any_": ["RUNNING", "PENDING"]}}}
    wait_until(lambda: not api.post("flow_runs/filter", flow_runs=going_on), HANG, "scheduled runs ended", project.parent / "worker.log")


def test_cancel_publishes_what_is_there(project: Path, api: Api) -> None:
    flow_run, log = api.start("long"), project.parent / "worker.log"
    wait_until(lambda: runs_of(project, "long") and len(trials(runs_of(project, "long")[-1])) >= 2, HANG, "two trials", log)
    api.post(f"flow_runs/{flow_run}/set_state", state={"type": "CANCELLING"})
    path = runs_of(project, "long")[-1] / "run.json"
    wait_until(lambda: json.loads(path.read_text())["state"] != "running", 180, "the run ended", log)
    facts = json.loads(path.read_text())
    assert (facts["state"], facts["message"]) == ("stopped", "stopped by SIGTERM")
    assert list((project / "data" / "models" / "long").glob("*.pkl"))
    wait_for_run(api, flow_run, project)


def test_two_runs_under_a_limit_of_one_never_train_two_candidates_at_once(tmp_path: Path, server: dict[str, str], api: Api) -> None:
    forests = {**SLOW, "limits": {"max_trials": 3}, "compute": {"max_concurrent_trials": 2, "concurrency_limit": "one-at-a-time"}}
    other = {**forests, "search": {**SLOW["search"], "seed": 4}}
    folder = copy_project(tmp_path / "project", {"here": forests, "there": other})
    run([*PREFECT, "gcl", "create", "one-at-a-time", "--limit", "1"], folder, **server)
    log, slot = tmp_path / "log", {"names": ["one-at-a-time"], "slots": 1, "mode": "concurrency", "lease_duration": HANG}
    lease = api.post("v2/concurrency_limits/increment-with-lease", **slot)["lease_id"]  # nobody trains before both are there
    with started(automl("here"), folder, log, **server) as here, started(automl("there"), folder, log, **server) as there:
        wait_until(lambda: runs_of(folder, "here") and runs_of(folder, "there"), HANG, "both runs began", log)
        api.ask("POST", "v2/concurrency_limits/decrement-with-lease", {"lease_id": lease})
        wait_for_end(here, HANG, log)
        wait_for_end(there, HANG, log)
    spans = []
    for name in ("here", "there"):
        for path in trials(runs_of(folder, name)[0]):
            trial = json.loads(path.read_text())
            spans.append((trial["started"], trial["ended"], name))
    spans.sort()
    assert len(spans) == 8
    side_by_side = [pair for pair in pairwise(spans) if pair[1][0] < pair[0][1]]
    assert not side_by_side, (side_by_side, waits(api))
    begun = max(json.loads((runs_of(folder, name)[0] / "run.json").read_text())["created"] for name in ("here", "there"))
    first_ended = min(max(ended for _, ended, name in spans if name == run_name) for run_name in ("here", "there"))
    assert datetime.fromtimestamp(begun, UTC).isoformat() < first_ended, "the runs were not under way at once, so nothing was tested"
