"""The one clock: earlier sessions count, so an interrupted run goes on with the minutes it had left."""

import time

import pytest

from bakeoff.search import Clock


def test_earlier_sessions_and_the_time_before_the_clock_was_made_count() -> None:
    clock = Clock(started=time.time() - 5, used_before=10, max_minutes=1)
    assert clock.elapsed() == pytest.approx(15, abs=1)
    assert clock.left() == pytest.approx(45, abs=1)
    assert clock.left(reserve=40) == pytest.approx(5, abs=1)


def test_without_a_limit_nothing_is_left_to_count() -> None:
    assert Clock(started=time.time()).left() is None
