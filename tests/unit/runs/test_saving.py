"""Which cards are read."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bakeoff.errors import PredictorError
from bakeoff.runs import load_predictor, save_predictor
from bakeoff.runs.files import read_json, write_json
from tests.training import train


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    frame = pd.DataFrame({"a": np.arange(60.0), "y": np.arange(60.0)})
    predictor, _ = train(frame, "y", tmp_path / "run", algorithm="ridge")
    save_predictor(predictor, tmp_path, {})
    return tmp_path / f"{predictor.name}.pkl"


@pytest.mark.parametrize("form", [1, 2])
def test_cards_of_this_and_the_first_format_are_read(saved: Path, form: int) -> None:
    write_json(saved.with_suffix(".json"), {**read_json(saved.with_suffix(".json")), "format": form})
    assert load_predictor(saved).card["format"] == form


def test_cards_of_a_later_format_are_not(saved: Path) -> None:
    assert read_json(saved.with_suffix(".json"))["format"] == 2
    write_json(saved.with_suffix(".json"), {**read_json(saved.with_suffix(".json")), "format": 3})
    with pytest.raises(PredictorError, match=r"another version of Bakeoff\n  given: format 3\n  allowed: 1, 2"):
        load_predictor(saved)
