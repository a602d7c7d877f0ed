"""The search for leaks: what some rows rule out, all rows would have; numbers and words, missing ones, classes and quantities."""

import numpy as np
import pandas as pd
import pytest

from bakeoff.data import conform, encode_target, leakage, make_schema
from bakeoff.data.leakage import suspected_leaks


def table(classes: int, seed: int) -> pd.DataFrame:
    """Columns that tell the target wholly, nearly, in one half of the rows, or not at all."""
    random, rows = np.random.default_rng(seed), 900
    y = random.integers(0, classes, rows) if classes else random.uniform(1, 9, rows)
    told = y.astype(np.float64)
    frame = pd.DataFrame({"exact": told, "near": told + random.normal(0, 0.01, rows), "noise": random.normal(size=rows)})
    frame["halves"] = np.where(random.random(rows) < 0.5, np.nan, told)
    frame["gap"] = np.where(told == told[0], np.nan, told)
    frame["far"] = told * 1e300
    frame["few"] = random.integers(0, 3, rows)
    frame["word"] = [f"w{value:.3f}" for value in told]
    frame["y"] = [f"class {value}" for value in y] if classes else y
    return frame


@pytest.mark.parametrize("classes", [0, 2, 5, 40])
@pytest.mark.parametrize("seed", range(3))
def test_what_a_look_at_some_rows_rules_out_all_rows_would(classes: int, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = table(classes, seed)
    schema = make_schema(frame, task="classification" if classes else "regression", target="y")
    conformed, y = conform(frame, schema), encode_target(frame["y"], schema)
    found = suspected_leaks(conformed, schema, y)
    assert {"exact", "near", "gap"} <= set(found)
    assert "noise" not in found
    assert "few" not in found
    monkeypatch.setattr(leakage, "_is_out_of_the_question", lambda *_: False)
    assert suspected_leaks(conformed, schema, y) == found
