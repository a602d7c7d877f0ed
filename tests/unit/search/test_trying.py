"""A job in a child: how long it may take."""

import time

import pytest

from bakeoff.search import trying


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    clock = {"now": 1_000.0}
    monkeypatch.setattr(time, "monotonic", lambda: clock["now"])
    return clock


def test_what_waited_for_a_child_has_less_time_and_not_the_same(now: dict[str, float]) -> None:
    job = {"seconds": None, "ends": 1_100.0}
    assert trying._end(job) == pytest.approx(1_095)
    now["now"] = 1_080.0  # the job waited
    assert trying._end(job) == pytest.approx(1_099)
    now["now"] = 1_098.0
    assert trying._end(job) == pytest.approx(1_099.5)


def test_the_nearer_of_two_limits_counts_and_none_is_none(now: dict[str, float]) -> None:
    assert trying._end({"seconds": 10.0, "ends": 1_100.0}) == pytest.approx(1_009.5)
    now["now"] = 1_096.0
    assert trying._end({"seconds": 10.0, "ends": 1_100.0}) == pytest.approx(1_099.5)
    assert trying._end({"seconds": None, "ends": None}) is None
