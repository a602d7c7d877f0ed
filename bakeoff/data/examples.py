"""Example tables out of the installed libraries; law: no network, and the same bytes each time."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from bakeoff.data.datasets import write_parquet
from bakeoff.errors import MissingLibraryError, ParamsError, nearest

__all__ = ["EXAMPLES", "Example", "write_example"]


@dataclass(frozen=True)
class Example:
    """A table to try Bakeoff on. `build` imports its library."""

    name: str
    task: str
    target: str
    about: str
    build: Callable[[], pd.DataFrame]


def _breast_cancer() -> pd.DataFrame:
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer(as_frame=True)
    data: pd.DataFrame = bunch.data
    return data.rename(columns=lambda name: name.replace(" ", "_")).assign(diagnosis=_named(bunch))


def _wine() -> pd.DataFrame:
    from sklearn.datasets import load_wine

    bunch = load_wine(as_frame=True)
    data: pd.DataFrame = bunch.data
    return data.rename(columns={"od280/od315_of_diluted_wines": "od280_od315"}).assign(cultivar=_named(bunch))


def _named(bunch: Any) -> pd.Series:
    """The bunch's target as its classes' names."""
    names = [str(name) for name in bunch.target_names]
    return pd.Series(bunch.target).map(dict(enumerate(names))).astype("str")


def _diabetes() -> pd.DataFrame:
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(as_frame=True, scaled=False)
    data: pd.DataFrame = bunch.data
    return data.assign(progression=bunch.target)


def _randhie() -> pd.DataFrame:
    try:
        from statsmodels.datasets import randhie
    except ImportError as error:
        raise MissingLibraryError("the example randhie comes with statsmodels", remedy="pip install 'bakeoff[examples]'") from error
    frame: pd.DataFrame = randhie.load_pandas().data
    health = frame[["hlthg", "hlthf", "hlthp"]]
    rated = health.idxmax(axis=1).where(health.any(axis=1)).map({"hlthg": "good", "hlthf": "fair", "hlthp": "poor"}).fillna("excellent")
    plans = {0.0: "none", 1.0: "individual"}
    return frame.drop(columns=health.columns).assign(
        health=rated.astype("str"), idp=frame["idp"].map(plans).astype("str"), physlm=frame["physlm"].where(frame["physlm"].isin([0, 1]))
    )


EXAMPLES = (
    Example("breast_cancer", "classification", "diagnosis", "569 tumours, 30 measurements: malignant or benign", _breast_cancer),
    Example("wine", "classification", "cultivar", "178 wines, 13 measurements: one of three cultivars", _wine),
    Example("diabetes", "regression", "progression", "442 patients, 10 measurements: progression after a year", _diabetes),
    Example("randhie", "regression", "mdvis", "20,190 person-years of the RAND health insurance experiment: visits to a doctor", _randhie),
)
"""Every example, the smallest first within its task."""


def write_example(name: str, path: str | Path) -> None:
    """The example as a Parquet file, byte for byte the same each time. Raises ParamsError, MissingLibraryError."""
    example = next((e for e in EXAMPLES if e.name == name), None)
    if example is None:
        raise ParamsError("there is no such example", where="example", given=name, remedy=nearest(name, [e.name for e in EXAMPLES]))
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_parquet(example.build(), path)
