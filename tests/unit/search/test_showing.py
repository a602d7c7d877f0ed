"""When a run is shown, and when its end is planned anew: by a clock of the test's own, so that it takes no time."""

from types import SimpleNamespace
from typing import Any

import pytest

from bakeoff.search import loop
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
