"""What a child may take: a trial its limit, a step after the search its share of what is free then."""

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
    session: Any = SimpleNamespace(run=SimpleNamespace(path=Path()), memory_mb=100.0, pool=pool)
    Session.in_child(session, "bakeoff.search.assembling:carry_out", {}, *more)
    return given[0]


@pytest.mark.parametrize(("free_mb", "limit_mb"), [(10_000.0, 4_000.0), (300.0, 500.0)])
def test_a_step_after_the_search_has_its_share_of_what_is_free_now(
    monkeypatch: pytest.MonkeyPatch, free_mb: float, limit_mb: float
) -> None:
    monkeypatch.setattr(room, "available_mb", lambda: free_mb)
    limits = limits_of_a_step(None)
    assert (limits.memory_mb, limits.memory_from) == (limit_mb, "40% of the free memory")


def test_a_refit_has_what_a_trial_has() -> None:
    limits = limits_of_a_step(None, str, 100.0)
    assert (limits.memory_mb, limits.memory_from) == (100.0, "limits.trial_memory_mb")


def test_trials_share_out_what_is_free_unless_params_say_what_one_may_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "available_mb", lambda: 1000.0)
    content = {"name": "one", "task": "regression", "data": {"train": "a frame", "target": "y"}, "compute": {"max_concurrent_trials": 2}}
    frame = pd.DataFrame({"x": range(20), "y": range(20)})
    for own, wanted in ((None, 400.0), (77, 77.0)):
        run = begin_run(validate({**content, "limits": {"trial_memory_mb": own}}), root=tmp_path, source=frame)
        assert session_for(run).memory_mb == wanted
        end_session(run)
        run.lock.release()
