"""share_encoders: what predictors' encoders have in common becomes one object; law: nothing changes but size and time.

Members of an ensemble often have a recipe in common, and recipes have featurizers in common. As one object each is written once, and works
on rows once (features/work.py). What is equal is told by its pickle: equal bytes make equal objects, and where they differ by accident
nothing is shared and nothing lost.
"""

import hashlib
import pickle
from dataclasses import replace
from typing import Any

from bakeoff.features import Encoder
from bakeoff.runs.predictor import Predictor, TrialPredictor

__all__ = ["share_encoders"]


def share_encoders(predictor: Predictor) -> None:
    """Equal encoders, and equal parts of encoders, of a trial's predictor or an ensemble's members become one object."""
    known = _Known()
    for one in (predictor, *getattr(predictor, "members", ())):
        if isinstance(one, TrialPredictor):
            one.parts = tuple(replace(part, encoder=known.encoder(part.encoder)) for part in one.parts)


class _Known:
    def __init__(self) -> None:
        self._things: dict[bytes, Any] = {}
        self._encoders: dict[tuple[int, ...], Encoder] = {}

    def encoder(self, encoder: Encoder) -> Encoder:
        dense, sparse = (tuple(map(self._one, featurizers)) for featurizers in (encoder.featurizers, encoder.sparse))
        made = replace(encoder, featurizers=dense, sparse=sparse, filler=self._one(encoder.filler))
        rest = self._one(replace(made, featurizers=(), sparse=(), filler=None))
        key = tuple(map(id, (*made.featurizers, None, *made.sparse, made.filler, rest)))
        return self._encoders.setdefault(key, made)

    def _one(self, thing: Any) -> Any:
        """The first of equal things."""
        return self._things.setdefault(hashlib.sha256(pickle.dumps(thing, protocol=5)).digest(), thing)
