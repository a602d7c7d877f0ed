"""Params that cannot be meant: refused before any table is read, with the YAML path and the nearest valid word."""

from pathlib import Path
from typing import Any

import pytest

from bakeoff.algorithms import ALGORITHMS
from flows.command import main as automl
from tests.bad_input.conftest import Cli, Refused, customers, experiment

NOT_READ = "data/raw/never_read.csv"
EVERY = [card.name for card in ALGORITHMS if "classification" in card.tasks]
WRONG: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "unknown key": ({"limits": {"max_trial": 3}}, ("limits.max_trial: unknown key", "given: 3", "did you mean max_trials")),
    "unknown section": ({"limit": {}}, ("params/churn.yaml: limit: unknown key", "did you mean limits?")),
    "wrong type": (
        {"limits": {"max_trials": "many"}},
        ("limits.max_trials: wrong value", "given: 'many'", "allowed: input should be a valid integer", "what to do: mend the value"),
    ),
    "out of range": (
        {"limits": {"max_minutes": 0}},
        ("limits.max_minutes: wrong value", "given: 0", "allowed: input should be greater than 0"),
    ),
    "unknown algorithm": (
        {"search": {"algorithms": {"include": ["lightgmb"]}}},
        ("search.algorithms.include: there is no such algorithm", "given: lightgmb", "did you mean lightgbm"),
    ),
    "unknown metric": ({"search": {"metric": "acuracy"}}, ("search.metric: ", "given: acuracy", "did you mean accuracy")),
    "metric of another task": (
        {"search": {"metric": "r2_score"}},
        ("search.metric: this metric is for regression, not classification", "given: r2_score", "what to do: "),
    ),
    "include and exclude": (
        {"search": {"algorithms": {"include": ["knn"], "exclude": ["lightgbm"]}}},
        ("search.algorithms: give include or exclude, not both",),
    ),
    "everything excluded": (
        {"search": {"algorithms": {"exclude": EVERY}}},
        ("search.algorithms.exclude: no algorithm for classification is left", "given: ", "what to do: exclude fewer algorithms"),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_params_that_cannot_be_meant(name: str, refused: Refused) -> None:
    sections, words = WRONG[name]
    experiment(customers(), **sections)
    refused(2, *words)


@pytest.mark.parametrize("name", WRONG)
def test_the_flow_refuses_them_before_it_starts(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    sections, words = WRONG[name]
    experiment(NOT_READ, **sections)
    assert automl("flows.automl:automl", ["params/churn.yaml"]) == 2
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert [word for word in words if word not in told] == []


def test_several_mistakes_are_told_at_once(refused: Refused) -> None:
    experiment(customers(), limits={"max_trial": 3, "max_minutes": "x"})
    refused(2, "limits.max_trial: unknown key", "limits.max_minutes: wrong value", "what to do: mend the 2 places above")


@pytest.mark.parametrize("name", ["../evil", "a/b", "..", "/etc/passwd", ""])
@pytest.mark.parametrize(
    "words",
    [
        ("check", "params/churn.yaml"),
        ("plan", "params/churn.yaml"),
        ("new", "data/raw/churn.csv", "--target", "churned", "--name", "NAME"),
        ("expectations", "accept", "NAME"),
        ("clean", "--experiment", "NAME"),
    ],
)
def test_an_experiments_name_never_becomes_a_path(name: str, words: tuple[str, ...], bakeoff: Cli, project: Path) -> None:
    params = experiment(customers())
    params.write_text(params.read_text().replace("name: churn", f"name: {name!r}"))
    before = sorted(project.parent.rglob("*"))
    code, _, told = bakeoff(*(name if word == "NAME" else word for word in words))
    assert code == 2
    assert f"given: {name!r}" in told
    assert "allowed: a letter, then letters, digits, - or _, 64 at most" in told
    assert sorted(project.parent.rglob("*")) == before


@pytest.mark.parametrize("command", ["leaderboard", "predict"])
def test_a_runs_name_never_leaves_the_run_store(command: str, bakeoff: Cli) -> None:
    experiment(customers())
    words = (command, "../models/churn") if command == "leaderboard" else (command, "../models/churn", "data/raw/churn.csv")
    code, _, told = bakeoff(*words)
    assert code == 5
    assert "data/runs: no such run" in told
    assert "given: ../models/churn" in told
    assert "allowed: a run's folder, EXPERIMENT, EXPERIMENT/RUN-ID or RUN-ID" in told
