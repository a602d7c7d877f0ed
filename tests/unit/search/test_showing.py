"""When a run is shown, and when its end is planned anew: by a clock of the test's own, so that it takes no time."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bakeoff.evaluation import get_metric
from bakeoff.runs import Candidate, Trial
from bakeoff.search import loop, showing
from bakeoff.search.ensembles import ENOUGH_KNOWN
from bakeoff.search.showing import unwatched

SECONDS = 130.0


class Waiting:
    """Turns in which one trial is under way for SECONDS, and nothing comes back before."""

    def __init__(self, interval: float, limit: float | None) -> None:
        self.now, self.under_way, self.ended = 0.0, {1}, ""
        params = SimpleNamespace(leaderboard=SimpleNamespace(interval_seconds=interval))
        facts = {"begin": str, "run": SimpleNamespace(update_facts=lambda **_: None), "planned_seconds": dict, "stopped": lambda: "over"}
        self.session = SimpleNamespace(params=params, clock=SimpleNamespace(limit=limit), **facts)

    def propose(self) -> bool:
        return False

    def collect(self, seconds: float) -> None:
        self.now += max(0.01, seconds)
        self.under_way -= {1} if self.now >= SECONDS else set()

    def begin(self) -> None: ...
    def give_up(self) -> None: ...
    def in_order(self) -> list[Any]:
        return []


@pytest.mark.parametrize(
    ("interval", "limit", "planned", "shown"),
    [
        (3600.0, 600.0, [0, 60, 120], [0]),
        (100.0, 600.0, [0, 60, 100], [0, 100]),
        (50.0, 500.0, [0, 50, 100], [0, 50, 100]),
        (100.0, None, [0, 100], [0, 100]),
    ],
)
def test_the_end_is_planned_in_time_however_seldom_the_run_is_shown(
    monkeypatch: pytest.MonkeyPatch, interval: float, limit: float | None, planned: list[int], shown: list[int]
) -> None:
    turns, told = Waiting(interval, limit), list[tuple[float, bool]]()

    def watch(_: object) -> None: ...

    monkeypatch.setattr(loop, "Turns", lambda *_: turns)
    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: turns.now))
    monkeypatch.setattr(loop, "refresh", lambda _session, _trials, watched: told.append((turns.now, watched is not unwatched)))
    nothing: Any = None
    assert loop.bake(nothing, nothing, watch) == "over"
    assert [now for now, _ in told] == pytest.approx(planned)
    assert [now for now, seen in told if seen] == pytest.approx(shown)


def test_ensembles_are_grown_anew_only_where_another_trial_may_join(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of few rows the tuner's trials join none."""
    grown = list[int]()
    board = {"rows": [], "counts": {"done": 0, "failed": 0, "skipped": 0, "planned": 0}}
    for name, gives in (("build_leaderboard", board), ("complete", board), ("closing_seconds", 1.0), ("trial_limit", None)):
        monkeypatch.setattr(showing, name, lambda *_, gives=gives: gives)
    monkeypatch.setattr(showing, "_grow", lambda _session, trials: grown.append(len(trials)) is None)
    run = SimpleNamespace(write_json=lambda *_: None)
    params = SimpleNamespace(search=SimpleNamespace(ensemble=True))
    ready = SimpleNamespace(scored_rows=np.arange(500), schema=SimpleNamespace(task="regression"), dealing=None)
    times = {"clock": SimpleNamespace(elapsed=float, left=lambda: None), "search_left": lambda: None}
    told = {"doing": "", "guardrails": (), "planned_seconds": dict, "ensembles": [], "grown_from": frozenset()}
    session: Any = SimpleNamespace(
        run=run, params=params, prepared=ready, metric=get_metric("root_mean_squared_error", "regression"), **times, **told
    )
    origins = ["portfolio"] * ENOUGH_KNOWN + ["tuner"] * 2 + ["portfolio"]
    trials = [
        Trial(Candidate(n, f"a{n}", {}, "codes", seed=0, origin=o), "done", scores={"root_mean_squared_error": 1.0 + n})
        for n, o in enumerate(origins)
    ]
    for count in range(ENOUGH_KNOWN, len(trials) + 1):
        showing.refresh(session, trials[:count], unwatched, final=True)
    assert grown == [ENOUGH_KNOWN, ENOUGH_KNOWN + 3]
    session.grown_from = frozenset()
    monkeypatch.setattr(showing, "_grow", lambda _session, trials: grown.append(-len(trials)))  # which is no success
    for _ in range(2):
        showing.refresh(session, trials, unwatched, final=True)
    assert grown[2:] == [-len(trials)] * 2
