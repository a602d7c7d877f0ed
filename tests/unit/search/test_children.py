"""Nurseries: one for all pools of the same settings, and what becomes of children and pools when it ends."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from bakeoff.search import children, nursery
from bakeoff.search.children import begin_nursery, new_child
from bakeoff.search.workers import Limits, WorkerPool
from tests.processes import ends

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nurseries of this file's tests only, that know its jobs."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.setattr(children, "_nurseries", {})
    yield
    for one in children._nurseries.values():
        one.end()


@contextmanager
def pool(threads: int = 1, preload: str = "") -> Iterator[WorkerPool]:
    opened = WorkerPool(2, threads, preload)
    try:
        yield opened
    finally:
        opened.close()


def carry_out(workers: WorkerPool, tmp_path: Path, call: str, log: str = "job.log") -> dict[str, Any]:
    return workers.run({"call": f"misbehaving:{call}", "log": str(tmp_path / log)}, Limits(None, None, str))


def kill_once(process: psutil.Process, there: Path) -> None:
    while not there.exists():
        time.sleep(0.01)
    process.kill()


def test_pools_of_the_same_settings_share_a_nursery_that_is_started_once(tmp_path: Path) -> None:
    begin_nursery(1, "json")
    with pool(1, "json") as first:
        first.warm()
        mother = carry_out(first, tmp_path, "tell_where")["parent"]
    with pool(1, "json") as second, pool(2, "json") as other:
        assert carry_out(second, tmp_path, "tell_where")["parent"] == mother
        assert carry_out(other, tmp_path, "tell_where")["parent"] != mother
        assert carry_out(other, tmp_path, "tell_where")["reason"].startswith("2 ")


def test_a_child_is_where_and_under_what_environment_its_parent_is_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_nursery(1, "")
    monkeypatch.setenv("BAKEOFF_WISH", "later")
    monkeypatch.chdir(tmp_path)
    with pool() as workers:
        assert carry_out(workers, tmp_path, "tell_where")["reason"] == f"1 later {tmp_path}"


def test_where_the_nursery_ended_a_job_goes_on_and_the_next_has_another_child(tmp_path: Path) -> None:
    with pool() as workers:
        mother = psutil.Process(carry_out(workers, tmp_path, "tell_where")["parent"])
        (worker,) = workers._all
        orphan = psutil.Process(worker.process.pid)
        threading.Thread(target=kill_once, args=(mother, tmp_path / "late.begun")).start()
        assert carry_out(workers, tmp_path, "answer_late", "late.log")["reason"] == str(orphan.pid)
        assert mother.status() == psutil.STATUS_ZOMBIE
        assert carry_out(workers, tmp_path, "tell_where")["parent"] != mother.pid
    assert ends(orphan)


def test_a_child_of_a_killed_nursery_dies_with_its_pool(tmp_path: Path) -> None:
    with pool() as workers:
        mother = psutil.Process(carry_out(workers, tmp_path, "tell_where")["parent"])
        (worker,) = workers._all
        orphan = psutil.Process(worker.process.pid)
        done = threading.Thread(target=carry_out, args=(workers, tmp_path, "hang_in_c", "hung.log"))
        done.start()
        kill_once(mother, tmp_path / "hung.log")
        psutil.wait_procs([mother], timeout=60)
    done.join(60)
    assert not done.is_alive()
    assert ends(orphan)


def test_a_pool_that_is_closed_while_a_child_comes_up_carries_nothing_out(tmp_path: Path) -> None:
    with pool() as workers:
        begin_nursery(1, "")
        (mother,) = children._nurseries.values()
        os.kill(mother.process.pid, signal.SIGSTOP)
        answers: list[dict[str, Any]] = []
        job = threading.Thread(target=lambda: answers.append(carry_out(workers, tmp_path, "answer")))
        job.start()
        while not workers._all:
            time.sleep(0.01)
        workers.close()
        os.kill(mother.process.pid, signal.SIGCONT)
        job.join(30)
    assert [answer["state"] for answer in answers] == ["failed"]
    assert not (tmp_path / "job.log").exists()


def test_an_environment_larger_than_a_packet_and_a_removed_folder_cost_no_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        monkeypatch.setenv(f"BAKEOFF_LARGE_{number}", "x" * 60_000)
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    begin_nursery(1, "")
    monkeypatch.delenv("BAKEOFF_LARGE_0")
    gone.rmdir()
    with pool() as workers:
        assert carry_out(workers, tmp_path, "answer")["state"] == "done"


def test_a_nursery_that_ends_while_a_child_is_wished_for_costs_no_job(tmp_path: Path) -> None:
    with pool() as workers:
        begin_nursery(1, "")
        (mother,) = children._nurseries.values()
        os.kill(mother.process.pid, signal.SIGSTOP)
        worker = workers._start()
        workers._idle.append(worker)
        mother.process.kill()
        mother.process.wait()
        assert carry_out(workers, tmp_path, "answer")["state"] == "done"
        assert worker not in workers._all
    with pytest.raises(ProcessLookupError):
        _ = worker.process.pid


def test_a_nursery_that_is_killed_with_a_wish_unread_has_a_successor(monkeypatch: pytest.MonkeyPatch) -> None:
    begin_nursery(1, "")
    (mother,) = children._nurseries.values()
    os.kill(mother.process.pid, signal.SIGSTOP)
    lost = new_child(1, "")
    mother.process.kill()
    mother.process.wait()
    monkeypatch.setattr(mother.process, "poll", lambda: None)  # it was alive when it was looked at
    child = new_child(1, "")
    child.connection.recv_bytes()
    for one in (lost, child):
        one.process.kill()
        one.process.close()
        one.connection.close()
        os.close(one.life)


def test_a_nursery_without_children_and_wishes_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, which forks none."""
    kept = signal.getsignal(signal.SIGCHLD)
    monkeypatch.setattr(nursery, "IDLE_SECONDS", 0.01)
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        nursery._Nursery(its, -1).serve()
        ours.close()
        monkeypatch.setattr(nursery, "IDLE_SECONDS", 60.0)
        nursery._Nursery(its, -1).serve()  # nor is one waited for whose parent has closed the socket
    finally:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, kept)
        its.close()


def test_an_exit_code_can_be_waited_for(tmp_path: Path) -> None:
    child = new_child(1, "")
    child.connection.recv_bytes()
    assert child.process.poll() is None
    os.kill(child.process.pid, signal.SIGTERM)
    assert child.process.wait(60) == -signal.SIGTERM
    assert child.process.poll() == -signal.SIGTERM
    child.process.kill()
    child.process.close()
    child.connection.close()
    os.close(child.life)
