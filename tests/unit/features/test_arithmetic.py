"""arithmetic: a ratio that decides is found; what cannot be computed is missing."""

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer

CARD = get_featurizer("arithmetic")
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(RNG.uniform(1, 9, (600, 4)), columns=["rooms", "people", "age", "height"])
COLUMNS = tuple(Column(name, "numeric", "float64") for name in FRAME)


def fitted(y: np.ndarray, frame: pd.DataFrame = FRAME, columns: tuple[Column, ...] = COLUMNS) -> tuple[object, list[str], np.ndarray]:
    featurizer = CARD.build(columns)
    matrix = featurizer.fit_transform(frame, y, 0)
    return featurizer, [name for name, *_ in featurizer.features()], matrix


def test_the_ratio_that_decides_comes_first_for_values_and_for_classes() -> None:
    ratio = (FRAME["rooms"] / FRAME["people"]).to_numpy()
    for y in (ratio, (ratio > 1).astype(np.int64), np.digitize(ratio, [0.7, 1.5]).astype(np.int64)):
        _, names, matrix = fitted(y)
        assert names[0] in {"rooms / people", "people / rooms", "rooms - people", "people - rooms"}
        assert any("/" in name and {"rooms", "people"} == set(name.split(" / ")) for name in names)
        assert matrix.shape == (600, len(names))
        assert len(names) <= 12


def test_what_cannot_be_computed_is_missing() -> None:
    frame = FRAME.copy()
    frame.loc[0, "rooms"] = np.nan
    frame.loc[1, "people"] = 0.0
    featurizer, names, _ = fitted((FRAME["rooms"] / FRAME["people"]).to_numpy())
    matrix = featurizer.transform(frame)  # type: ignore[attr-defined]
    divided = next(place for place, name in enumerate(names) if name in {"rooms / people", "people / rooms"})
    assert np.isnan(matrix[0, divided])
    assert np.isnan(matrix[1, divided]) == (names[divided] == "rooms / people")
    assert not np.isinf(matrix).any()


def test_one_quantity_few_values_or_a_constant_target_give_nothing() -> None:
    y = FRAME["rooms"].to_numpy()
    assert fitted(y, columns=COLUMNS[:1])[1] == []
    assert fitted(y, frame=FRAME.round(-1))[1] == []
    assert fitted(np.zeros(600))[2].shape == (600, 0)
