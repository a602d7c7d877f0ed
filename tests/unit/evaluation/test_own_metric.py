"""A user's own function as a metric: what it is given, and what is said where it cannot be one."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bakeoff.errors import ParamsError
from bakeoff.evaluation import get_metric, score_all

MODULE = """
import numpy as np
from bakeoff.evaluation import MetricCard

def false_alarms(truth, predicted, weights=None):
    return np.average((predicted == 1) & (truth == 0), weights=weights)

false_alarms.greater_is_better = False
false_alarms.needs = "labels"
false_alarms.best = 0.0

def largest_error(truth, predicted):
    return np.abs(truth - predicted).max()

largest_error.greater_is_better = False

def undecided(truth, predicted):
    return 0.0


def needs_nothing(truth, predicted):
    return 0.0

needs_nothing.greater_is_better = True

def says_words(truth, predicted):
    return "good"

says_words.greater_is_better = True

def bias(truth, predicted, weights=None):
    return abs(float((truth - predicted).mean()))

NUMBER = 3
CARD = MetricCard("bias", ("regression",), bias, False, "values", 0.0)
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    (tmp_path / "own_scores.py").write_text(MODULE)
    (tmp_path / "broken_scores.py").write_text("threshold = 1 / 0\n")
    (tmp_path / "unfinished_scores.py").write_text("def profit(:\n")
    (tmp_path / "lacking_scores.py").write_text("import no_such_library\n")
    yield tmp_path
    for name in ("own_scores", "broken_scores", "unfinished_scores", "lacking_scores"):
        sys.modules.pop(name, None)


def test_it_is_scored_beside_all_others_with_its_direction_and_weights() -> None:
    metric = get_metric("own_scores:false_alarms", "classification")
    assert (metric.name, metric.greater_is_better, metric.best) == ("own_scores:false_alarms", False, 0.0)
    truth, predicted = np.array([0, 0, 1, 1]), np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
    scores = score_all(truth, predicted, own=metric)
    assert scores["own_scores:false_alarms"] == 0.25
    assert "accuracy" in scores
    weighted = score_all(truth, predicted, np.array([3.0, 1, 1, 1]), own=metric)
    assert weighted["own_scores:false_alarms"] == 0.5


def test_a_regression_needs_no_word_on_what_it_needs_and_a_card_may_be_named() -> None:
    metric = get_metric("own_scores:largest_error", "regression")
    assert metric.function(np.array([1.0, 2.0]), np.array([1.0, 5.0]), np.ones(2)) == 3.0
    assert metric.best == -np.inf
    card = get_metric("own_scores:CARD", "regression")
    assert (card.name, card.best) == ("own_scores:CARD", 0.0)
    with pytest.raises(ParamsError, match="this metric is for regression, not classification"):
        get_metric("own_scores:CARD", "classification")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("own_scores", "there is no such metric"),
        ("own_scores:", "a metric of your own is named module:function"),
        ("__main__:profit", "a metric of your own is named module:function"),
        ("nowhere_scores:profit", r"there is no module nowhere_scores\n.*\n.*put nowhere_scores\.py into the project's folder"),
        ("lacking_scores:profit", r"importing lacking_scores failed\n.*\n.*pip install no_such_library"),
        ("broken_scores:profit", r"importing broken_scores failed\n  given: ZeroDivisionError"),
        ("unfinished_scores:profit", r"importing unfinished_scores failed\n  given: SyntaxError"),
        ("own_scores:false_alarm", r"own_scores has no false_alarm\n.*\n.*did you mean false_alarms"),
        ("own_scores:NUMBER", "a metric is a function"),
        ("own_scores:undecided", r"does not say which scores are better\n.*\n.*undecided\.greater_is_better = True"),
        ("own_scores:needs_nothing", r'does not say what it needs for classification\n.*\n.*needs = "probabilities" or "labels"'),
    ],
)
def test_what_cannot_be_a_metric_is_told_with_its_key(name: str, says: str) -> None:
    with pytest.raises(ParamsError, match=rf"search\.metric: .*{says}"):
        get_metric(name, "classification")


def test_the_wrong_signature_and_the_wrong_answer(project: Path) -> None:
    (project / "other_scores.py").write_text("def f(truth):\n    return 0.0\n\nf.greater_is_better = True\n")
    with pytest.raises(ParamsError, match=r"search\.metric: the metric has other parameters\n  given: other_scores:f\(truth\)"):
        get_metric("other_scores:f", "regression")
    with pytest.raises(TypeError, match="own_scores:says_words gave str, a number is wanted"):
        get_metric("own_scores:says_words", "regression").function(np.ones(2), np.ones(2))
