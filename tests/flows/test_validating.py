"""The validation beside candidates: who goes first."""

from pathlib import Path
from typing import Any

import pytest

from bakeoff.runs import Candidate, RunFolder, Trial
from tasks import validate as validating


class _Time:
    """Moves where somebody sleeps."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Time:
    found = _Time()
    monkeypatch.setattr(validating, "time", found)
    return found


def _trial(origin: Any, state: Any = "done") -> Trial:
    return Trial(Candidate(0, "knn", {}, "mixed", seed=0, origin=origin), state)


@pytest.mark.parametrize(
    ("learned_at", "until"), [(100.0, 100.0), (101.0, 101.0), (1000.0, 103.0)], ids=["a resumed run", "one that learns", "a large table"]
)
def test_it_lets_the_first_predictor_that_learns_go_first(
    learned_at: float, until: float, clock: _Time, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def trials(_run: RunFolder) -> list[Trial]:
        before = [_trial("baseline"), _trial("portfolio", "failed")]
        return [*before, _trial("portfolio")] if clock.now >= learned_at else before

    monkeypatch.setattr(RunFolder, "trials", trials)
    validating._let_the_first_learn(RunFolder(tmp_path))
    assert clock.now == pytest.approx(until, abs=validating.LOOK_SECONDS + 1e-6)
