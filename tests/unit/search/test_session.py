"""What a child may take: a trial its limit, a step after the search its share of what is free then."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from bakeoff.params import validate
from bakeoff.search import begin_run
from bakeoff.search import session as room
from bakeoff.search.session import Session, end_session, session_for
from bakeoff.search.workers import Limits


def limits_of_a_step(*more: Any) -> Limits:
    """What a session whose trials may take 100 MB gives to a step in a child."""
    given: list[Limits] = []
    pool = SimpleNamespace(run=lambda job, limits: given.append(limits) or {})
    session: Any = SimpleNamespace(run=SimpleNamespace(path=Path()), memory_mb=100.0, memory_from="what is free", pool=pool)
    Session.in_child(session, "bakeoff.search.assembling:carry_out", {}, *more)
    return given[0]


@pytest.mark.parametrize(("free_mb", "limit_mb"), [(10_000.0, 4_000.0), (300.0, 500.0)])
def test_a_step_after_the_search_has_its_share_of_what_is_free_now(
    monkeypatch: pytest.MonkeyPatch, free_mb: float, limit_mb: float
) -> None:
    monkeypatch.setattr(room, "available_mb", lambda: free_mb)
    limits = limits_of_a_step(None)
    assert (limits.memory_mb, limits.memory_from) == (limit_mb, "40% of the free memory")


def test_a_steps_seconds_count_from_when_it_is_asked_for_though_it_waits_for_a_child() -> None:
    asked = time.monotonic()
    limits = limits_of_a_step(9.0)
    assert limits.seconds == 9.0
    assert limits.since is not None
    assert asked <= limits.since <= time.monotonic()
    assert Limits(9.0, None, str).since is None


def test_a_refit_has_what_a_trial_has() -> None:
    limits = limits_of_a_step(None, str, 100.0)
    assert (limits.memory_mb, limits.memory_from) == (100.0, "what is free")


def test_trials_share_out_what_is_free_unless_params_say_what_one_may_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = {"name": "one", "task": "regression", "data": {"train": "a frame", "target": "y"}, "compute": {"max_concurrent_trials": 2}}
    frame = pd.DataFrame({"x": range(20), "y": range(20)})
    shared = "80% of the free memory, over 2 side by side"
    for free, own, wanted, source in (
        (2000.0, None, 800.0, shared),
        (1000.0, None, 500.0, shared),  # less would not even hold the libraries
        (1000.0, 77, 77.0, "limits.trial_memory_mb"),
    ):
        monkeypatch.setattr(room, "available_mb", lambda free=free: free)
        run = begin_run(validate({**content, "limits": {"trial_memory_mb": own}}), root=tmp_path, source=frame)
        assert (session_for(run).memory_mb, session_for(run).memory_from) == (wanted, source)
        end_session(run)
        run.lock.release()


@pytest.mark.parametrize(
    ("limit", "left", "stopped", "seconds"),
    [
        (None, None, "", None),
        (None, None, "stopped by Ctrl-C", 20.0),
        (60.0, 9.0, "", 9.0 + 5.0 - 1.0),
        (600.0, 9.0, "", 9.0 + 30.0 - 1.0),
        (600.0, 9.0, "stopped by Ctrl-C", 20.0),
        (60.0, -30.0, "", 7.0 + 5.0 - 1.0),  # resumed late: what was kept for it
    ],
)
def test_ensembles_are_given_up_where_the_run_would_be_too_late(
    limit: float | None, left: float | None, stopped: str, seconds: float | None
) -> None:
    clock = SimpleNamespace(limit=limit, left=lambda: left)
    session: Any = SimpleNamespace(clock=clock, reserve_seconds=7.0, asked_to_stop=lambda: stopped)
    assert Session.may_end_in(session) == seconds
