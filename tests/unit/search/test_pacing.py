"""A candidate's pace, by a clock that the tests move."""

import pytest

from bakeoff.search import pacing
from bakeoff.search.pacing import End, Pace, TrialSkippedError, lately, never


class _Time:
    """Stands still until it is told otherwise."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Time:
    found = _Time()
    monkeypatch.setattr(pacing, "time", found)
    return found


def _at(end: float) -> End:
    return lambda: end


def _fold(pace: Pace, clock: _Time, encode: float, fit: float, predict: float = 0.0) -> None:
    for what, seconds in (("encode", encode), ("fit", fit), ("predict", predict)):
        with pace.timed(what):
            clock.now += seconds


def _fold_ends(pace: Pace, to_encode: int) -> float:
    deadline = pace.fold_deadline(to_encode)
    assert deadline is not None
    return deadline()


def test_without_a_clock_nothing_ends(clock: _Time) -> None:
    pace = Pace(5, never, None)
    _fold(pace, clock, 1e6, 1e6)
    pace.check(4, stops_early=False)
    assert pace.fold_deadline(3) is None


def test_encoding_is_no_part_of_the_share_but_has_to_end(clock: _Time) -> None:
    pace = Pace(5, _at(clock.now + 60), 10, later_encoded=0.5)
    _fold(pace, clock, encode=6, fit=1)
    pace.check(4, stops_early=False)  # 4 folds in the 9 s that are left of the share
    clock.now += 42  # 11 s left of all: encoding four folds, at half of what the first took, would take 12
    with pytest.raises(TrialSkippedError, match=r"a fold took 1\.0 s and 6\.0 s to encode, 1 of 5 are done, 0\.0 s left") as told:
        pace.check(4, stops_early=True)
    assert told.value.seconds == 1
    pace = Pace(2, _at(clock.now + 23), 10)
    pace.check(0, stops_early=True)  # another candidate has encoded them


def test_what_is_given_up_tells_what_all_its_folds_would_have_taken(clock: _Time) -> None:
    pace = Pace(8, never, 10)
    _fold(pace, clock, encode=3, fit=4, predict=1)
    with pytest.raises(TrialSkippedError) as told:
        pace.check(0, stops_early=False)
    assert (told.value.seconds, told.value.whole_seconds) == (5, 40)
    with pytest.raises(TrialSkippedError) as told:
        Pace(8, _at(clock.now), None).check(8, stops_early=False)
    assert (told.value.seconds, told.value.whole_seconds) == (0, 0)


def test_what_the_second_fold_takes_to_encode_tells_of_the_others(clock: _Time) -> None:
    pace = Pace(5, _at(clock.now + 60), None, later_encoded=0.5)
    _fold(pace, clock, encode=8, fit=1)
    assert _fold_ends(pace, 3) == pytest.approx(clock.now + (51 - 3 * 4) / 4)
    _fold(pace, clock, encode=6, fit=1)
    assert _fold_ends(pace, 2) == pytest.approx(clock.now + (44 - 2 * 6) / 3)


def test_the_end_is_asked_for_again_before_each_fold(clock: _Time) -> None:
    ends = [clock.now + 60]
    pace = Pace(2, lambda: ends[0], None)
    assert _fold_ends(pace, 0) == pytest.approx(clock.now + 27)  # no fold has told yet how long predicting takes
    _fold(pace, clock, encode=0, fit=5)
    assert pace.told() == "1 of 2 fits are done: encode 0.0 s, fit 5.0 s, predict 0.0 s, 55.0 s left"
    ends[0] = clock.now + 4
    assert _fold_ends(pace, 0) == pytest.approx(clock.now + 4)
    with pytest.raises(TrialSkippedError, match=r"4\.0 s left"):
        pace.check(0, stops_early=False)


def test_a_fold_that_is_begun_keeps_to_an_end_that_comes_nearer(clock: _Time) -> None:
    ends = [clock.now + 60]
    pace = Pace(2, lambda: ends[0], None)
    _fold(pace, clock, encode=0, fit=5, predict=1)
    deadline = pace.fold_deadline(0)
    assert deadline is not None
    assert deadline() == ends[0] - 1
    clock.now += 3
    ends[0] = clock.now + 10
    assert deadline() == ends[0] - 1
    pace = Pace(4, lambda: ends[0], 20)
    first = pace.fold_deadline(0)
    assert first is not None
    assert first() == clock.now + 0.9 * 10 / 4
    ends[0] = clock.now + 1000
    assert first() == clock.now + 0.9 * 20 / 4  # never more than its part of what the trial may take


def test_the_end_is_asked_for_twice_a_second_however_often_a_booster_asks(clock: _Time) -> None:
    asked = list[float]()

    def end() -> float:
        asked.append(clock.now)
        return 2000.0 + len(asked)

    known = lately(end)
    assert [known() for _ in range(1000)] == [2001.0] * 1000
    clock.now += 0.4
    assert known() == 2001.0
    clock.now += 0.2
    assert [known() for _ in range(1000)] == [2002.0] * 1000
    assert asked == [1000.0, clock.now]


def test_what_stops_early_goes_on_a_little_longer(clock: _Time) -> None:
    pace = Pace(5, never, 10)
    _fold(pace, clock, encode=0, fit=2, predict=1)
    with pytest.raises(TrialSkippedError, match=r"7\.0 s left"):
        pace.check(0, stops_early=False)
    pace.check(0, stops_early=True)


def test_folds_share_what_is_left_when_all_are_encoded(clock: _Time) -> None:
    pace = Pace(3, _at(clock.now + 30), None)
    _fold(pace, clock, encode=2, fit=4, predict=1)
    with pace.timed("encode"):
        clock.now += 2
    # 21 s are left, 2 of them for encoding the third fold, and each fold predicts for 1 s
    assert _fold_ends(pace, 1) == pytest.approx(clock.now + (21 - 2) / 2 - 1)
    assert _fold_ends(pace, 0) == pytest.approx(clock.now + 21 / 2 - 1)


def test_too_late_is_too_late(clock: _Time) -> None:
    pace = Pace(3, _at(clock.now), None)
    with pytest.raises(TrialSkippedError, match="not even its first fold was begun"):
        pace.check(3, stops_early=True)
    assert _fold_ends(pace, 2) == clock.now
