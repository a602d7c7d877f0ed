"""One candidate's end, however bad, costs one child process and nothing else."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from bakeoff.search.workers import Limits, WorkerPool
from tests.processes import ends

HERE = Path(__file__).parent


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerPool]:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    pool = WorkerPool(1)
    yield pool
    pool.close()


def carry_out(pool: WorkerPool, tmp_path: Path, call: str, **limits: Any) -> dict[str, Any]:
    given = {"seconds": None, "memory_mb": None, "stopped": str, **limits}
    return pool.run({"call": f"misbehaving:{call}", "log": str(tmp_path / "job.log"), "number": 7}, Limits(**given))


def nurseries() -> list[psutil.Process]:
    living = [process for process in psutil.Process().children() if process.status() != psutil.STATUS_ZOMBIE]
    return [process for process in living if "bakeoff.search.nursery" in process.cmdline()]


def children() -> list[psutil.Process]:
    return [child for nursery in nurseries() for child in nursery.children() if child.status() != psutil.STATUS_ZOMBIE]


def test_a_child_comes_up_without_a_word(pool: WorkerPool, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert carry_out(pool, tmp_path, "answer")["state"] == "done"
    assert capfd.readouterr() == ("", "")


def test_a_child_is_used_again_and_what_it_prints_is_logged(pool: WorkerPool, tmp_path: Path) -> None:
    first, second = carry_out(pool, tmp_path, "answer"), carry_out(pool, tmp_path, "answer")
    assert first["reason"] == second["reason"]
    assert (tmp_path / "job.log").read_text() == f"job 7 in {first['reason']}\n"
    assert second["started"] <= second["ended"]
    assert second["peak_memory_mb"] > 5


@pytest.mark.parametrize(("call", "said"), [("segfault", "signal SIGSEGV"), ("exit_quietly", "exit code 3")])
def test_a_child_that_dies_fails_its_trial_and_the_next_job_gets_a_new_one(pool: WorkerPool, tmp_path: Path, call: str, said: str) -> None:
    died = carry_out(pool, tmp_path, call)
    assert died["state"] == "failed"
    assert said in died["reason"]
    assert carry_out(pool, tmp_path, "answer")["state"] == "done"
    assert len(children()) == 1


@pytest.mark.parametrize("noticed", [True, False])
def test_a_child_that_died_while_it_was_idle_costs_no_job(
    pool: WorkerPool, tmp_path: Path, noticed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out(pool, tmp_path, "answer")
    (worker,) = pool._all
    worker.process.kill()
    worker.process.wait()
    if not noticed:  # it dies between the look and the job
        monkeypatch.setattr(pool, "_forget_the_dead", lambda: None)
    assert carry_out(pool, tmp_path, "answer")["state"] == "done"
    assert worker not in pool._all
    assert len(children()) == 1


def test_a_hang_in_c_code_is_killed_at_its_time_limit(pool: WorkerPool, tmp_path: Path) -> None:
    carry_out(pool, tmp_path, "answer")
    begun = time.monotonic()
    killed = carry_out(pool, tmp_path, "hang_in_c", seconds=0.5)
    assert time.monotonic() - begun < 120
    assert killed["state"] == "failed"
    assert "over its time limit of 0.5 s (limits.trial_minutes)" in killed["reason"]
    assert killed["started"] < killed["ended"]
    assert killed["fit_seconds"] > 0.5


def test_a_job_that_waited_for_its_turn_has_what_is_left_of_its_time(pool: WorkerPool, tmp_path: Path) -> None:
    carry_out(pool, tmp_path, "answer")
    begun = time.monotonic()
    killed = carry_out(pool, tmp_path, "hang_in_c", seconds=60.0, since=begun - 59.5)
    assert time.monotonic() - begun < 30
    assert "over its time limit of 60.0 s" in killed["reason"]
    assert killed["fit_seconds"] > 60.0


def test_a_memory_eater_is_killed_at_its_limit(pool: WorkerPool, tmp_path: Path) -> None:
    killed = carry_out(pool, tmp_path, "eat_memory", memory_mb=300)
    assert killed["state"] == "failed"
    assert "over its memory limit of 300 MB (limits.trial_memory_mb)" in killed["reason"]
    assert 300 < killed["peak_memory_mb"] < 2000
    assert killed["started"] < killed["ended"]
    assert "fit_seconds" not in killed


def test_what_earlier_jobs_left_in_a_child_is_not_held_against_the_next(pool: WorkerPool, tmp_path: Path) -> None:
    for _ in range(4):
        carry_out(pool, tmp_path, "answer", memory_mb=300)
    first = carry_out(pool, tmp_path, "keep_memory")
    second = carry_out(pool, tmp_path, "answer", memory_mb=300)
    assert second["state"] == "done"
    assert second["reason"] != first["reason"]
    assert len(children()) == 1


@pytest.mark.parametrize(
    ("call", "memory_mb", "jobs"),
    [("keep_memory", 300, 4), ("keep_memory", 2_000, 5), ("keep_memory", None, 5), ("give_memory_back", 300, 5)],
)
def test_a_child_that_did_few_jobs_or_keeps_little_does_the_next(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, memory_mb: float | None, jobs: int
) -> None:
    monkeypatch.setattr("bakeoff.search.workers.GIVEN_BACK_SECONDS", 60)  # it is looked no longer than the child takes, which may be late
    for _ in range(jobs - 1):
        carry_out(pool, tmp_path, "answer", memory_mb=memory_mb)
    first = carry_out(pool, tmp_path, call)
    second = carry_out(pool, tmp_path, "answer", memory_mb=memory_mb)
    assert second["state"] == "done"
    assert second["reason"] == first["reason"]
    assert len(children()) == 1


def test_a_stopped_run_gives_up_the_trial_under_way(pool: WorkerPool, tmp_path: Path) -> None:
    carry_out(pool, tmp_path, "answer")
    begun = time.monotonic()
    given_up = carry_out(pool, tmp_path, "hang_in_c", stopped=lambda: "stopped by Ctrl-C" if time.monotonic() > begun + 0.5 else "")
    assert (given_up["state"], given_up["reason"]) == ("skipped", "stopped by Ctrl-C")
    assert given_up["peak_memory_mb"] > 5
    assert given_up["started"] < given_up["ended"]


def test_what_is_killed_because_the_run_was_stopped_did_not_fail(pool: WorkerPool, tmp_path: Path) -> None:
    """Who stops a notebook's run twice has its children killed; the trials are carried out by the next start."""
    stopped = threading.Event()
    twice = threading.Timer(0.5, lambda: (stopped.set(), pool.close()))
    twice.start()
    given_up = carry_out(pool, tmp_path, "hang_in_c", stopped=lambda: "stopped by Ctrl-C" if stopped.is_set() else "")
    twice.join()
    assert (given_up["state"], given_up["reason"]) == ("skipped", "stopped by Ctrl-C")


def test_a_stopped_run_waits_for_no_child_that_is_coming_up_and_does_not_lose_it(pool: WorkerPool, tmp_path: Path) -> None:
    pool.warm()
    try:
        for nursery in nurseries():
            nursery.suspend()
        given_up = carry_out(pool, tmp_path, "answer", stopped=lambda: "stopped by Ctrl-C")
    finally:
        for nursery in nurseries():
            nursery.resume()
    assert (given_up["state"], given_up["reason"]) == ("skipped", "stopped by Ctrl-C")
    (before,) = pool._all
    assert carry_out(pool, tmp_path, "answer")["state"] == "done"
    assert pool._all == {before}
    assert [child.pid for child in children()] == [before.process.pid]


def test_children_import_neither_orchestrators_nor_the_parents_main(pool: WorkerPool, tmp_path: Path) -> None:
    answer = carry_out(pool, tmp_path, "count_orchestrators")
    assert (answer["reason"], answer["main"]) == ("", "bakeoff.search.nursery")


def test_close_leaves_no_child(pool: WorkerPool, tmp_path: Path) -> None:
    carry_out(pool, tmp_path, "answer")
    pool.close()
    gone_by = time.monotonic() + 60
    while children() and time.monotonic() < gone_by:
        time.sleep(0.05)
    assert children() == []


def test_children_die_with_a_killed_parent_even_inside_c_code(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        from bakeoff.search.workers import Limits, WorkerPool
        pool = WorkerPool(1)
        pool.run({"call": "misbehaving:answer", "log": sys.argv[1] + "/a.log"}, Limits(None, None, str))
        print(next(iter(pool._all)).process.pid, flush=True)
        pool.run({"call": "misbehaving:hang_in_c", "log": sys.argv[1] + "/b.log"}, Limits(None, None, str))
        """
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[2])])}
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        nursery = child.parent()
        assert nursery is not None
        busy_by = time.monotonic() + 60
        while not (tmp_path / "b.log").exists() and time.monotonic() < busy_by:
            time.sleep(0.02)
        parent.send_signal(signal.SIGKILL)
    assert ends(child)
    assert ends(nursery)
