"""Predictors measured ahead, beside what the run's own process does."""

import math
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from bakeoff.search import measuring as room
from bakeoff.search.measuring import Ahead


def test_what_is_under_way_at_the_end_is_waited_for_and_nothing_further_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Semaphore(0), threading.Semaphore(0)
    asked: list[str] = []
    reasons: list[str] = []

    def measure(_session: Any, names: Iterable[str], _ends: float, stopped: Callable[[], str], _log: str) -> dict[str, dict[str, float]]:
        (name,) = names
        asked.append(name)
        begun.release()
        assert go_on.acquire(timeout=30)
        reasons.append(stopped())
        if name == "b":
            raise OSError("its file is gone")
        return {name: {"latency_1_p50_ms": 1.0}}

    monkeypatch.setattr(room, "measure", measure)
    ahead = Ahead(None, ["a", "b", "c", "d"], math.inf)  # type: ignore[arg-type]
    for _ in range(2):
        assert begun.acquire(timeout=30)
        go_on.release()
    assert begun.acquire(timeout=30)  # the third is under way
    assert set(ahead.end(seconds=0)) == {"a"}
    go_on.release()
    assert set(ahead.end(seconds=30)) == {"a", "c"}
    assert asked == ahead.begun == ["a", "b", "c"]
    assert reasons == ["", "", "measuring ahead has ended"]  # what was waited for in vain is killed


def test_nothing_is_begun_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "measure", pytest.fail)
    ahead = Ahead(None, ["a"], -math.inf)  # type: ignore[arg-type]
    assert ahead.end(seconds=30) == {}
    assert ahead.begun == []
