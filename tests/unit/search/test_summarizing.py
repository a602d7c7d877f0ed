"""The features that recipes make of each column, and why they make none."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bakeoff.params import validate
from bakeoff.search import begin_run, prepare
from bakeoff.search.encoding import EncodedFolds
from bakeoff.search.summarizing import summarize_features

ROWS = 240
NOISE = [f"noise {number}" for number in range(70)]


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(ROWS, len(NOISE))), columns=NOISE)
    frame["tells"] = rng.normal(size=ROWS)
    frame["said"] = [" ".join(chr(0x4E00 + row * 9 + place) for place in range(9)) for row in range(ROWS)]  # no letter twice
    frame["y"] = np.where(frame["tells"] + rng.normal(0, 0.3, ROWS) > 0, "up", "down")
    content = {"name": "one", "task": "classification", "data": {"train": "a frame", "target": "y"}, "validation": {"folds": 2}}
    content["featurization"] = {"mode": "custom", "kinds": {"said": "text"}}
    root = tmp_path_factory.mktemp("runs")
    run = begin_run(validate(content), root=Path(root), source=frame, own=False)
    try:
        encoded = EncodedFolds(prepare(run), seed=0)
        for recipe in ("screened", "terms", "plain"):
            encoded.of(recipe, 0)
        return {column["name"]: column for column in summarize_features(run)["columns"]}
    finally:
        run.lock.release()


def test_what_the_screen_left_out_is_said(columns: dict[str, dict[str, Any]]) -> None:
    made = [columns[name]["recipes"]["screened"] for name in NOISE]
    gone = [one for one in made if not one["features"]]
    assert len(gone) > len(NOISE) / 2
    assert {one["dropped"] for one in gone} == {"screened out: its features tell no more than shuffled ones"}
    assert {one["dropped"] for one in made if one["features"]} <= {""}
    assert columns["tells"]["recipes"]["screened"] == {"featurizer": "numbers", "features": ["tells"], "dropped": ""}


def test_words_that_nothing_is_made_of_say_so(columns: dict[str, dict[str, Any]]) -> None:
    said = columns["said"]["recipes"]["terms"]
    assert said["features"] == []
    assert said["dropped"] == "nothing could be made of it, such as where no word is in two rows"


def test_a_recipe_that_takes_no_such_column_says_so(columns: dict[str, dict[str, Any]]) -> None:
    said = {"featurizer": "", "features": [], "dropped": "no featurizer of the recipe takes such a column"}
    assert columns["said"]["recipes"]["plain"] == said
