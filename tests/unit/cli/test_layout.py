from pathlib import Path

import pytest

from bakeoff.cli.layout import Project, check_name, find_run
from bakeoff.errors import ParamsError, RunError


@pytest.fixture
def store(project: Path) -> Path:
    for name in ("churn/20261122-120000-ab12", "churn/20261123-120000-cd34", "wine/20261122-120000-ef56"):
        (project / "data/runs" / name).mkdir(parents=True)
        (project / "data/runs" / name / "run.json").write_text("{}")
    return project / "data/runs"


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("churn", "churn/20261123-120000-cd34"),
        ("churn/20261122-120000-ab12", "churn/20261122-120000-ab12"),
        ("20261123-120000-cd34", "churn/20261123-120000-cd34"),
        ("20261123", "churn/20261123-120000-cd34"),
        ("ef56", "wine/20261122-120000-ef56"),
        ("data/runs/wine/20261122-120000-ef56", "wine/20261122-120000-ef56"),
    ],
)
def test_words_that_mean_a_run(store: Path, word: str, found: str) -> None:
    assert find_run(word).resolve() == (store / found).resolve()


def test_an_ambiguous_word_lists_what_it_may_mean(store: Path) -> None:
    with pytest.raises(RunError, match="several runs are meant") as caught:
        find_run("20261122-120000")
    assert "churn/20261122-120000-ab12, wine/20261122-120000-ef56" in str(caught.value)


def test_an_unknown_word_names_the_nearest(store: Path) -> None:
    with pytest.raises(RunError, match="no such run") as caught:
        find_run("chrun")
    assert "did you mean churn?" in str(caught.value)


def test_without_runs_it_says_how_to_start_one(project: Path) -> None:
    with pytest.raises(RunError, match=r"python -m flows\.automl"):
        find_run("churn")


def test_where_only_the_published_report_is_left_it_says_so(project: Path) -> None:
    (project / "data/reports/churn").mkdir(parents=True)
    (project / "data/reports/churn/leaderboard.csv").write_text("rank\n")
    with pytest.raises(RunError, match="what it published is not: data/reports/churn/leaderboard"):
        find_run("churn")


@pytest.mark.parametrize("word", ["../churn", "churn/../wine", "*", "churn/*", "/etc", "", "..", "churn/20261122-120000-ab12/../x"])
def test_a_name_is_never_a_pattern_or_a_way_out(store: Path, word: str) -> None:
    with pytest.raises(RunError):
        find_run(word)


@pytest.mark.parametrize("name", ["../x", "a/b", "", "1a", "a.b", "a\n", "x" * 65])
def test_names_are_checked_before_they_become_paths(name: str) -> None:
    with pytest.raises(ParamsError, match="no experiment's name"):
        check_name(name)
    with pytest.raises(ParamsError):
        Project().params(name)


def test_a_folder_that_is_no_project_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"not a Bakeoff project") as caught:
        Project(tmp_path).require()
    assert "dvc.yaml, prefect.yaml, params, .dvc" in str(caught.value)
