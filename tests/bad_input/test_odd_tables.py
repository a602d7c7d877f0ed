"""Tables as people keep them: odd spellings, rare things and extremes. Each gives a predictor that can be used, or words."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bakeoff.errors import DataError
from tests.training import train

ROWS = 200
rng = np.random.default_rng(0)
AGE = rng.integers(18, 90, ROWS)
LABELS = np.where(AGE + rng.normal(0, 5, ROWS) > 50, "yes", "no")
DAYS = pd.Timestamp("2024-01-01") + pd.to_timedelta(AGE, unit="D")


def table(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"noise": rng.normal(size=ROWS), **columns, "y": LABELS})


def accuracy(frame: pd.DataFrame, folder: Path, algorithm: str = "logistic_regression") -> float:
    return train(frame, "y", folder, algorithm=algorithm)[1].scores["accuracy"]


@pytest.mark.parametrize("spell", ["{:,}.0", "${}", "{}%", " {} ", "+{}"])
def test_numbers_in_text_are_numbers(spell: str, tmp_path: Path) -> None:
    values = [spell.format(age * 100) if number % 10 else "n/a" for number, age in enumerate(AGE)]
    assert accuracy(table(age=values), tmp_path) > 0.85


@pytest.mark.parametrize("spelling", ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %B %Y", "%Y-%m-%dT%H:%M:%S"])
def test_dates_in_five_formats_are_dates(spelling: str, tmp_path: Path) -> None:
    frame = table(born=DAYS.strftime(spelling))
    predictor, fitted = train(frame, "y", tmp_path, algorithm="lightgbm")
    assert [column.kind for column in predictor.schema.columns if column.name == "born"] == ["datetime"]
    assert fitted.scores["accuracy"] > 0.8


@pytest.mark.parametrize("algorithm", ["lightgbm", "logistic_regression"])
def test_a_category_seen_only_at_scoring(algorithm: str, tmp_path: Path) -> None:
    frame = table(age=AGE, town=np.where(AGE > 50, "Linz", "Graz"))
    predictor, _ = train(frame, "y", tmp_path, algorithm=algorithm)
    assert np.isfinite(predictor.predict_proba(frame.assign(town="Wien")).to_numpy()).all()


@pytest.mark.parametrize("algorithm", ["lightgbm", "logistic_regression"])
def test_a_column_that_is_all_missing_in_a_fold(algorithm: str, tmp_path: Path) -> None:
    known = pd.Series(np.nan, index=range(ROWS))
    known[[3]] = 1.0
    words = pd.Series(None, index=range(ROWS), dtype="str")
    words[[5]] = "once"
    assert accuracy(table(age=AGE, rare=known, word=words), tmp_path, algorithm) > 0.8


@pytest.mark.parametrize("algorithm", ["lightgbm", "logistic_regression"])
def test_a_class_that_most_folds_judge_without(algorithm: str, tmp_path: Path) -> None:
    frame = table(age=AGE)
    frame.loc[[0, 1], "y"] = "perhaps"
    predictor, _ = train(frame, "y", tmp_path, algorithm=algorithm, validation={"folds": 5})
    assert list(predictor.predict_proba(frame).columns) == ["no", "perhaps", "yes"]


def test_two_thousand_columns(tmp_path: Path) -> None:
    wide = pd.DataFrame(rng.normal(size=(ROWS, 2_000)), columns=[f"c{number}" for number in range(2_000)])
    assert accuracy(wide.assign(age=AGE, y=LABELS), tmp_path) > 0.55


@pytest.mark.parametrize("algorithm", ["lightgbm", "logistic_regression"])
def test_ten_rows(algorithm: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": range(10), "b": list("uvuvuvuvuv"), "y": ["no"] * 5 + ["yes"] * 5})
    predictor, _ = train(frame, "y", tmp_path, algorithm=algorithm)
    assert len(predictor.predict(frame)) == 10


def test_heavy_duplicates_are_told(tmp_path: Path) -> None:
    frame = pd.concat([table(age=AGE).head(10)] * 20, ignore_index=True)
    assert accuracy(frame, tmp_path, "lightgbm") > 0.95
    (guardrails,) = tmp_path.glob("one/*/guardrails.json")
    assert "190 of 200 rows repeat an earlier one" in guardrails.read_text()


@pytest.mark.parametrize("algorithm", ["lightgbm", "logistic_regression"])
@pytest.mark.parametrize("extreme", [1e300, -1e300, np.inf, 2.0**63])
def test_extremes_spoil_their_rows_at_most(extreme: float, algorithm: str, tmp_path: Path) -> None:
    values = AGE.astype(float)
    values[:2] = extreme
    predictor, _ = train(table(age=AGE, spiky=values), "y", tmp_path, algorithm=algorithm)
    assert np.isfinite(predictor.predict_proba(table(age=AGE, spiky=values)).to_numpy()).all()


@pytest.mark.parametrize("extreme", [1e300, -1e300])
def test_a_target_beyond_reason(extreme: float, tmp_path: Path) -> None:
    frame = table(age=AGE).assign(y=AGE.astype(float))
    frame.loc[0, "y"] = extreme
    with pytest.raises(DataError, match=r"1 of 200 values of the target are too large to be squared(.|\n)*what to do: mend or leave out"):
        train(frame, "y", tmp_path, algorithm="elastic_net", task="regression")


def test_integers_beyond_64_bits(tmp_path: Path) -> None:
    frame = table(
        age=AGE,
        huge=[int(age) * 10**30 for age in AGE],
        endless=[int(age) * 10**400 for age in AGE],
        unsigned=AGE.astype("uint64") + np.uint64(2**63),
    )
    assert accuracy(frame, tmp_path, "lightgbm") > 0.8


@pytest.mark.parametrize("algorithm", ["elastic_net", "catboost", "lightgbm"])
def test_a_regression_target_that_is_constant_in_a_fold(tmp_path: Path, algorithm: str) -> None:
    frame = table(age=AGE).assign(y=0.0)
    frame.loc[7, "y"] = 1.0
    predictor, fitted = train(frame, "y", tmp_path, algorithm=algorithm, task="regression")
    assert np.isfinite(predictor.predict(frame)).all()
    assert np.isfinite(fitted.scores["mean_absolute_error"])


def test_a_missing_column_at_scoring_is_named(tmp_path: Path) -> None:
    predictor, _ = train(table(age=AGE), "y", tmp_path)
    with pytest.raises(DataError, match="a column is missing: age"):
        predictor.predict(table())
