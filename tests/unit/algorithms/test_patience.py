"""Patience: a loss that still gets better is never at rest, one that does not is waited for as long as it took."""

import itertools

import pytest

from bakeoff.algorithms._patience import Rest


def rounds_until_rest(best_round: int) -> int:
    """Rounds that are watched of a loss that falls up to a round and rises from then on."""
    rest = Rest()
    return next(n for n in itertools.count(1) if rest.reached(abs(n - 1 - best_round) + 1.0))


@pytest.mark.parametrize(("best_round", "waited"), [(0, 50), (10, 50), (200, 50), (204, 51), (1000, 250)])
def test_the_longer_it_got_better_the_longer_it_is_waited_for(best_round: int, waited: int) -> None:
    assert rounds_until_rest(best_round) == best_round + 1 + waited


def test_what_gets_better_never_rests() -> None:
    rest = Rest()
    assert not any(rest.reached(1 / (1 + n)) for n in range(3000))
    assert rest.best_round == 2999


def test_the_first_of_equal_losses_is_the_best() -> None:
    rest = Rest()
    found = [rest.reached(1.0) for _ in range(60)]
    assert (rest.best_round, found.index(True)) == (0, 50)


def test_a_loss_that_is_no_number_rests_too() -> None:
    rest = Rest()
    assert [rest.reached(float("nan")) for _ in range(51)] == [False] * 50 + [True]
