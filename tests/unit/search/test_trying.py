"""A job in a child: how long it may take."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from bakeoff.runs import Candidate, Trial
from bakeoff.runs.files import write_json
from bakeoff.search import trying
from bakeoff.search.pacing import End, TrialSkippedError


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    clock = {"now": 1_000.0}
    monkeypatch.setattr(time, "monotonic", lambda: clock["now"])
    return clock


def test_what_waited_for_a_child_has_less_time_and_not_the_same(now: dict[str, float]) -> None:
    job = {"seconds": None, "ends": 1_100.0}
    assert trying._told(job) == pytest.approx(1_095)
    now["now"] = 1_080.0  # the job waited
    assert trying._told(job) == pytest.approx(1_099)
    now["now"] = 1_098.0
    assert trying._told(job) == pytest.approx(1_099.0)


def test_the_nearer_of_two_limits_counts_and_none_is_none(now: dict[str, float]) -> None:
    assert trying._told({"seconds": 10.0, "ends": 1_100.0}) == pytest.approx(1_009.0)
    now["now"] = 1_096.0
    assert trying._told({"seconds": 10.0, "ends": 1_100.0}) == pytest.approx(1_099.0)
    assert trying._told({"seconds": None, "ends": None}) is None


def test_a_trial_under_way_is_told_when_the_end_comes_nearer(now: dict[str, float], tmp_path: Path) -> None:
    begun = time.time() - 1  # files' times are coarse
    assert trying._end(tmp_path, 1_095.0, begun) == 1_095  # nothing was said yet
    write_json(tmp_path / "progress.json", {"search_ends": begun + 60})
    before, told, after = time.time(), trying._end(tmp_path, 1_095.0, begun), time.time()
    assert told is not None
    assert 1_000 + 0.95 * (begun + 60 - after) - 0.001 <= told <= 1_000 + 0.95 * (begun + 60 - before) + 0.001
    write_json(tmp_path / "progress.json", {"search_ends": begun + 600})
    assert trying._end(tmp_path, 1_095.0, begun) == 1_095  # never later than was promised to others
    write_json(tmp_path / "progress.json", {"search_ends": None})
    assert trying._end(tmp_path, 1_095.0, begun) == 1_095
    assert trying._end(tmp_path, None, begun) is None


def test_a_trial_given_up_says_what_it_took_and_what_all_its_folds_would_have(monkeypatch: pytest.MonkeyPatch) -> None:
    def given_up(*_: Any) -> Any:
        raise TrialSkippedError("it cannot end in the time left", 5.0, 40.0)

    monkeypatch.setattr(trying, "fit_candidate", given_up)
    monkeypatch.setattr(trying, "_opened_for", lambda *_: None)
    candidate = Candidate(1, "knn", {}, "mixed", seed=0)
    job = {"candidate": candidate.to_json(), "run": "a run", "seed": 0, "seconds": None, "ends": None, "asked": 0.0, "share": 10.0}
    trial = Trial.from_json({"candidate": candidate.to_json(), **trying.carry_out(job)})
    assert (trial.state, trial.fit_seconds, trial.whole_seconds) == ("skipped", 5.0, 40.0)


def test_what_an_interrupted_session_said_counts_no_more(now: dict[str, float], tmp_path: Path) -> None:
    write_json(tmp_path / "progress.json", {"search_ends": time.time() - 3_600})
    os.utime(tmp_path / "progress.json", (time.time() - 3_600,) * 2)
    assert trying._end(tmp_path, 1_095.0, time.time()) == 1_095


def test_a_fit_under_way_is_told_of_an_end_that_comes_nearer(
    now: dict[str, float], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = list[float | None]()

    def looks_three_times(_encoded: Any, _candidate: Candidate, end: End, *_: Any) -> Any:
        told.append(end())
        write_json(tmp_path / "progress.json", {"search_ends": time.time()})
        told.append(end())
        now["now"] += 1
        told.append(end())
        raise TrialSkippedError("it was only asked", 0.0, 0.0)

    monkeypatch.setattr(trying, "fit_candidate", looks_three_times)
    monkeypatch.setattr(trying, "_opened_for", lambda *_: None)
    candidate = Candidate(1, "knn", {}, "mixed", seed=0)
    limits = {"seconds": None, "ends": 1_100.0, "asked": 0.0, "share": None}
    trying.carry_out({"candidate": candidate.to_json(), "run": str(tmp_path), "seed": 0, **limits})
    assert told[:2] == [pytest.approx(1_095)] * 2  # a booster asks after each round: the file is read now and then
    assert told[2] == pytest.approx(1_001 - 1, abs=0.5)
