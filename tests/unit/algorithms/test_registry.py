"""Algorithms are found by name, by task and by what params say, without loading a library."""

import subprocess
import sys
from dataclasses import replace

import pytest

from bakeoff.algorithms import ALGORITHMS, algorithms_for, get_algorithm, require_library
from bakeoff.errors import MissingLibraryError, ParamsError


def test_listing_algorithms_loads_no_library() -> None:
    code = "import sys, bakeoff.algorithms, bakeoff.evaluation, bakeoff.features; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "bakeoff.algorithms.lightgbm" in loaded
    assert not {"sklearn", "lightgbm", "xgboost", "catboost", "scipy"} & set(loaded)


def test_the_baseline_competes_only_when_named() -> None:
    names = [card.name for card in algorithms_for("classification")]
    assert names == [c.name for c in ALGORITHMS if "classification" in c.tasks and c.name != "baseline"]
    assert "elastic_net" not in names
    assert [card.name for card in algorithms_for("regression", include=["elastic_net", "baseline"])] == ["baseline", "elastic_net"]


def test_excluded_algorithms_stay_out() -> None:
    assert "knn" not in [card.name for card in algorithms_for("regression", exclude=["knn"])]


def test_an_unknown_name_is_reported_with_its_path_and_the_nearest() -> None:
    with pytest.raises(
        ParamsError, match=r"search\.algorithms\.include: there is no such algorithm\n  given: lightgmb\n.*did you mean lightgbm"
    ):
        algorithms_for("classification", include=["lightgmb"])
    with pytest.raises(ParamsError, match=r"search\.algorithms\.exclude: there is no such algorithm"):
        algorithms_for("classification", exclude=["forest"])
    with pytest.raises(ParamsError, match=r"there is no such algorithm"):
        get_algorithm("gbm")


def test_an_algorithm_of_another_task_is_refused() -> None:
    with pytest.raises(ParamsError, match=r"cannot do classification\n  given: elastic_net\n  allowed: .*catboost"):
        algorithms_for("classification", include=["elastic_net"])


def test_everything_excluded_is_an_error() -> None:
    with pytest.raises(ParamsError, match="no algorithm for regression is left"):
        algorithms_for("regression", exclude=[card.name for card in ALGORITHMS])


def test_a_missing_library_is_named_with_its_install_line() -> None:
    for card in ALGORITHMS:
        require_library(card)
    with pytest.raises(MissingLibraryError, match="knn needs no-such-library\n  what to do: pip install no-such-library, or exclude knn"):
        require_library(replace(get_algorithm("knn"), needs="no-such-library"))
