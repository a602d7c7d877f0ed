"""category_ranks: a category's place among all, the most frequent first, as a number; law: unseen is rarest, missing NaN.

What category_codes gives, but a number to split at, not a set: frequent categories stand apart from rare ones.
"""

from bakeoff.features.card import FeaturizerCard
from bakeoff.features.category_codes import build

__all__ = ["CARD"]

CARD = FeaturizerCard("category_ranks", ("categorical",), build)
