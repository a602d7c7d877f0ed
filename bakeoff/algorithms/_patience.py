"""What lightgbm, xgboost and catboost share: when a validation loss rests; law: the longer it got better, the longer it is waited for."""

from dataclasses import dataclass

from bakeoff.algorithms.card import TableFacts

__all__ = ["Rest", "longer"]

FEWEST = 50
SHARE = 0.25
LONGER_REGRESSION = 4.0


@dataclass
class Rest:
    """Watches a loss round by round, until its best is 50 rounds past, or a quarter of the best round's number where that is more.

    Short runs on small tables end soon, slow learners get their time.
    """

    best: float = float("inf")
    best_round: int = 0
    rounds: int = 0

    def reached(self, loss: float) -> bool:
        """Takes the next round's loss; whether it rests."""
        if loss < self.best:
            self.best, self.best_round = loss, self.rounds
        self.rounds += 1
        return self.rounds - 1 - self.best_round >= max(FEWEST, SHARE * self.best_round)


def longer(facts: TableFacts) -> float:
    """How many times as many rounds as on noisy classes: a regression's squared error gets better for long (measured: 4 to 10 times)."""
    return 1.0 if facts.classes else LONGER_REGRESSION
