"""The scripts behind `make bench-*`: what they ask of the library and of the comparison; nothing is measured."""

import importlib
import os
import pkgutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import pytest

import benchmarks
from bakeoff.data import conform
from tests.training import train

NAMES = sorted(module.name for module in pkgutil.walk_packages(benchmarks.__path__, "benchmarks."))


@pytest.fixture(scope="module")
def scripts() -> Mapping[str, Any]:
    """Every module; the numbers of threads that some ask for are forgotten again."""
    with mock.patch.dict(os.environ):
        return {name.removeprefix("benchmarks."): importlib.import_module(name) for name in NAMES}


def test_every_module_says_what_it_is_for(scripts: Mapping[str, ModuleType]) -> None:
    assert all(module.__doc__ for module in scripts.values())


def test_the_test_part_is_calibrated_as_rows_out_of_fold_are(scripts: Mapping[str, Any], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=60), "y": rng.choice(["no", "yes"], 60)})
    predictor, fitted = train(frame, "y", tmp_path, algorithm="logistic_regression")
    one = SimpleNamespace(prepared=SimpleNamespace(schema=predictor.schema), frame=conform(frame, predictor.schema))
    predictor.temperature = None
    plain = predictor.predict_raw(one.frame)
    predictor.temperature = 2.0
    assert not np.allclose(predictor.predict_raw(one.frame), plain)
    said = scripts["portfolio"].said_of_test(one, replace(fitted, temperature=2.0))
    np.testing.assert_allclose(said, predictor.predict_raw(one.frame))
