"""share_encoders: what predictors' encoders have in common becomes one object; law: nothing changes but size and time.

Members of an ensemble often have a recipe in common, and recipes have featurizers in common. As one object each is written once, and works
on rows once (features/_work.py). What is equal is told by its pickle: equal bytes make equal objects, and where they differ by accident
nothing is shared and nothing lost.
"""

import copyreg
import hashlib
import io
import pickle
from dataclasses import replace
from typing import Any

from bakeoff.features import Encoder
from bakeoff.runs.predictor import Predictor, TrialPredictor

__all__ = ["share_encoders"]

ADDRESS, VOCABULARY = "_stop_words_id", "vocabulary_"
"""What a vectorizer has that has read words since it was loaded, and what any has that was fitted."""


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
        self._looked: dict[int, tuple[Encoder, Encoder]] = {}

    def encoder(self, encoder: Encoder) -> Encoder:
        """The first of equal encoders, of what the first of equal parts are put together to."""
        if id(encoder) not in self._looked:
            self._looked[id(encoder)] = encoder, self._together(encoder)  # who is kept keeps its id
        return self._looked[id(encoder)][1]

    def _together(self, encoder: Encoder) -> Encoder:
        dense, sparse = (tuple(map(self._one, featurizers)) for featurizers in (encoder.featurizers, encoder.sparse))
        made = replace(encoder, featurizers=dense, sparse=sparse, filler=self._one(encoder.filler))
        rest = self._one(replace(made, featurizers=(), sparse=(), filler=None))
        key = tuple(map(id, (*made.featurizers, None, *made.sparse, made.filler, rest)))
        return self._encoders.setdefault(key, made)

    def _one(self, thing: Any) -> Any:
        """The first of equal things."""
        file = io.BytesIO()
        _Pickler(file, protocol=5).dump(thing)
        return self._things.setdefault(hashlib.sha256(file.getbuffer()).digest(), thing)


class _Pickler(pickle.Pickler):
    """Leaves out where in memory scikit-learn's vectorizers found their stop words: each process has its own, and it means nothing."""

    def reducer_override(self, thing: Any) -> Any:
        state = getattr(thing, "__dict__", {})
        if isinstance(thing, type) or not {ADDRESS, VOCABULARY} & state.keys():
            return NotImplemented
        return copyreg.__newobj__, (type(thing),), {name: value for name, value in state.items() if name != ADDRESS}  # type: ignore[attr-defined]
