"""Any frame trains or is refused in words; rows keep their order and number; columns' order and pickling change nothing."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bakeoff.data import conform, guess_task, make_schema
from bakeoff.data.tidying import tidy
from bakeoff.errors import BakeoffError
from bakeoff.runs import Predictor, load_predictor, save_predictor
from bakeoff.search.fitting import Fitted
from tests.properties.frames import frames, plain_frames
from tests.training import train

few = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # shrinking a frame takes minutes; add Phase.shrink to look into a failure
    suppress_health_check=list(HealthCheck),
)
TWIN = "the same values as "
pytestmark = pytest.mark.filterwarnings("ignore")


def outcome(frame: pd.DataFrame, target: str, task: str, folder: Path) -> tuple[Predictor, Fitted] | BakeoffError:
    try:
        return train(frame, target, folder, task=task)
    except BakeoffError as refused:
        return refused


@few
@given(frames(), st.sampled_from(["classification", "regression"]))
def test_any_frame_trains_or_is_refused_in_words(drawn: tuple[pd.DataFrame, str], task: str) -> None:
    frame, target = drawn
    with TemporaryDirectory() as folder:
        made = outcome(frame, target, task, Path(folder))
    if isinstance(made, BakeoffError):
        assert made.exit_code in (2, 3)
        assert made.what
    else:
        predictor, fitted = made
        assert fitted.scores
        assert len(predictor.predict(frame)) == len(frame)


@few
@given(plain_frames(), st.booleans(), st.randoms(use_true_random=False))
def test_what_changes_nothing(drawn: tuple[pd.DataFrame, str], boosted: bool, random: Random) -> None:
    frame, target = drawn
    linear = {"classification": "logistic_regression", "regression": "elastic_net"}[guess_task(frame, target)]
    with TemporaryDirectory() as folder:
        predictor, _ = train(frame, target, Path(folder), algorithm="lightgbm" if boosted else linear)
        whole = predictor.predict(frame)
        save_predictor(predictor, Path(folder), {})
        np.testing.assert_array_equal(load_predictor(Path(folder) / f"{predictor.name}.pkl").predict(frame), whole)
    rows, columns = list(range(len(frame))), list(range(frame.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    np.testing.assert_array_equal(predictor.predict(frame.iloc[:, columns]), whole)
    raw = _raw(predictor, frame)
    np.testing.assert_allclose(_raw(predictor, frame.iloc[rows]), raw[rows], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(_raw(predictor, frame.iloc[3:4]), raw[3:4], rtol=1e-9, atol=1e-12)
    assert len(predictor.predict(frame.iloc[:0])) == 0


def _raw(predictor: Predictor, frame: pd.DataFrame) -> np.ndarray:
    """Probabilities or values: one row alone and among others may differ in the last bit, as BLAS sums them."""
    return predictor.predict_raw(conform(frame, predictor.schema))


@few
@given(plain_frames(), st.randoms(use_true_random=False))
def test_what_is_made_of_a_column_does_not_depend_on_its_place(drawn: tuple[pd.DataFrame, str], random: Random) -> None:
    frame, target = drawn
    columns = list(range(frame.shape[1]))
    random.shuffle(columns)
    task = guess_task(frame, target)
    first, second = (make_schema(tidy(table), task=task, target=target) for table in (frame, frame.iloc[:, columns]))
    assert first.target == second.target
    told = [column for schema in (first, second) for column in schema.dropped if column.reason.startswith(TWIN)]
    twins = {name for column in told for name in (column.name, column.reason.removeprefix(TWIN))}
    assert {column for column in first.columns if column.name not in twins} == {c for c in second.columns if c.name not in twins}
