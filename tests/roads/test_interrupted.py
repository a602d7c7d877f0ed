"""kill -9, Ctrl-C once and twice, and a server that goes away: nothing is lost, nothing is left behind."""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.roads.conftest import SLOW, TINY
from tests.roads.road import (
    HANG,
    automl,
    copy_project,
    interrupt,
    marked,
    prefect_server,
    ranking,
    run,
    runs_of,
    started,
    trials,
    wait_for_end,
    wait_until,
    wait_until_none_is_left,
)

pytestmark = [pytest.mark.roads, pytest.mark.timeout(3600)]


def state(run_folder: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((run_folder / "run.json").read_text())
    return facts


def two_trials(folder: Path, name: str) -> bool:
    found = runs_of(folder, name)
    return bool(found) and len(trials(found[-1])) >= 2


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, server: dict[str, str]) -> Path:
    """The run folder of the slow experiment as it is when nothing happens."""
    folder = copy_project(tmp_path_factory.mktemp("whole") / "project", {"slow": SLOW})
    run(automl("slow", "--set", "publish.enabled=false"), folder, **server)
    return runs_of(folder, "slow")[0]


def test_kill_9_leaves_no_process_and_the_same_command_ends_alike(tmp_path: Path, prefect_home: Path, uninterrupted: Path) -> None:
    folder = copy_project(tmp_path / "project", {"slow": SLOW})
    home, log = {"PREFECT_HOME": str(prefect_home)}, tmp_path / "log"
    with started(automl("slow"), folder, log, **home) as process:
        wait_until(lambda: two_trials(folder, "slow"), HANG, "two trials", log)
        assert len(marked(process.mark)) >= 4  # type: ignore[attr-defined]  # the run, its server, two children
        process.kill()
        process.wait()
        wait_until_none_is_left(process, 120, log)
    (killed,) = runs_of(folder, "slow")
    assert state(killed)["state"] == "running"
    finished = {path: path.stat().st_mtime_ns for path in trials(killed)}

    run(automl("slow"), folder, **home)
    assert runs_of(folder, "slow") == [killed]
    assert state(killed)["state"] == "finished"
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    assert ranking(killed) == ranking(uninterrupted)
    assert "up to date" in run([sys.executable, "-m", "dvc", "status"], folder)


def test_ctrl_c_once_publishes_within_30_seconds(tmp_path: Path, server: dict[str, str], uninterrupted: Path) -> None:
    """Or within thrice the time that the end of a whole run takes here, where that is more: on a slow machine."""
    folder, log = copy_project(tmp_path / "project", {"slow": {**SLOW, "limits": {"max_trials": 200}}}), tmp_path / "log"
    with started(automl("slow"), folder, log, **server) as process:
        wait_until(lambda: two_trials(folder, "slow"), HANG, "two trials", log)
        begun = time.monotonic()
        interrupt(process)
        wait_for_end(process, HANG, log, code=130)
        took = time.monotonic() - begun
    (stopped,) = runs_of(folder, "slow")
    whole, facts = state(uninterrupted), state(stopped)
    end = whole["ended"] - whole["started"] - dict(whole["steps"])["ranking"]
    assert took < max(30, 3 * end), (took, end, facts["steps"])
    assert (facts["state"], facts["message"]) == ("stopped", "stopped by SIGINT")
    assert sum(json.loads(path.read_text())["state"] == "done" for path in trials(stopped)) < 20
    assert list((folder / "data" / "models" / "slow").glob("*.pkl"))
    assert "Traceback" not in log.read_text()


def test_ctrl_c_twice_ends_at_once_and_the_same_command_goes_on(tmp_path: Path, server: dict[str, str], uninterrupted: Path) -> None:
    folder, log = copy_project(tmp_path / "project", {"slow": SLOW}), tmp_path / "log"
    with started(automl("slow"), folder, log, **server) as process:
        wait_until(lambda: two_trials(folder, "slow"), HANG, "two trials", log)
        interrupt(process)
        wait_until(lambda: "stopping:" in log.read_text(), 120, "the first one was heard", log)
        interrupt(process)
        wait_for_end(process, 120, log, code=130)
        wait_until_none_is_left(process, 120, log)
    (stopped,) = runs_of(folder, "slow")
    assert state(stopped)["state"] == "running"
    assert not (folder / "data" / "models").exists()
    run(automl("slow"), folder, **server)
    assert runs_of(folder, "slow") == [stopped]
    assert ranking(stopped) == ranking(uninterrupted)


def test_the_search_goes_on_when_the_server_goes_away(tmp_path: Path) -> None:
    folder, log = copy_project(tmp_path / "project", {"slow": SLOW}), tmp_path / "log"
    with prefect_server(tmp_path) as (server_process, api):
        run([sys.executable, "-m", "prefect", "gcl", "create", "bakeoff-trials", "--limit", "2"], folder, **api)
        with started(automl("slow"), folder, log, **api) as process:
            wait_until(lambda: two_trials(folder, "slow"), HANG, "two trials", log)
            os.killpg(server_process.pid, signal.SIGKILL)
            wait_for_end(process, HANG, log)
    assert state(runs_of(folder, "slow")[0])["state"] == "finished"
    assert "Prefect's server went away" in log.read_text()
    assert "up to date" in run([sys.executable, "-m", "dvc", "status", "automl@slow"], folder)


def test_two_runs_of_one_experiment_at_once(tmp_path: Path, server: dict[str, str]) -> None:
    folder, log = copy_project(tmp_path / "project", {"slow": SLOW, "tiny": TINY}), tmp_path / "log"
    with started(automl("slow"), folder, log, **server) as process:
        wait_until(lambda: two_trials(folder, "slow"), HANG, "two trials", log)
        process.send_signal(signal.SIGSTOP)  # its lock stays, and it has not ended when the other one comes, however late
        try:
            said = run(automl("slow"), folder, code=5, **server)
        finally:
            process.send_signal(signal.SIGCONT)
        assert f"process {process.pid} on" in said
        assert "Traceback" not in said
        run(automl("tiny"), folder, **server)
        wait_for_end(process, HANG, log)
