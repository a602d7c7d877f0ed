"""What decides whether an unfinished run goes on: params, table, and the files beside it that change what comes out."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bakeoff.errors import DataError
from bakeoff.params import validate
from bakeoff.runs import RunFolder
from bakeoff.search import begin_run

FRAME = pd.DataFrame({"size": range(40), "y": [float(n % 7) for n in range(40)]})
METRIC = "def largest(truth, predicted):\n    return abs(truth - predicted).max()\n\nlargest.greater_is_better = False\n"
FILES = {"data.test": "test.csv", "validation.file": "judge.csv", "search.metric": "metric_of_mine.py"}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("train.csv", "test.csv", "judge.csv"):
        FRAME.to_csv(name, index=False)
    Path("metric_of_mine.py").write_text(METRIC)
    yield
    sys.modules.pop("metric_of_mine", None)


def begin(source: pd.DataFrame | None = None, *, own: bool = True, overrides: dict[str, Any] | None = None, **more: Any) -> RunFolder:
    """A run begun or gone on with; `more` are sections of its params."""
    data = {"train": "train.csv" if source is None else "a frame", "target": "y", "test": "test.csv"}
    sections = {"validation": {"strategy": "file", "file": "judge.csv"}, "search": {"metric": "metric_of_mine:largest"}}
    params = validate({"name": "one", "task": "regression", "data": data, **sections, **more})
    run = begin_run(params, root=Path("runs"), source=source, own=own, overrides=overrides)
    run.lock.release()
    return run


@pytest.mark.parametrize("source", [None, FRAME])
def test_an_unfinished_run_goes_on_while_its_files_are_the_same(source: pd.DataFrame | None) -> None:
    first = begin(source)
    assert set(first.facts()["files"]) == set(FILES)
    assert begin(source).path == first.path


def test_a_run_that_goes_on_is_published_by_what_it_is_asked_for_now() -> None:
    """Settings that were overrides when it began may stand in the experiment's file since."""
    first = begin(overrides={"limits": {"max_trials": 5}}, own=False)
    assert (first.facts()["own"], first.facts()["overrides"]) == (False, {"limits": {"max_trials": 5}})
    again = begin(own=True)
    assert again.path == first.path
    assert (again.facts()["own"], again.facts()["overrides"]) == (True, {})


def test_what_changes_no_result_is_as_it_is_asked_for_when_a_run_goes_on() -> None:
    first = begin()
    asked = {"publish": {"enabled": False}, "runs": {"keep_models": 3}, "compute": {"max_concurrent_trials": 1}}
    again = begin(**asked)
    assert again.path == first.path
    params = again.params()
    assert (params.publish.enabled, params.runs.keep_models, params.compute.max_concurrent_trials) == (False, 3, 1)


@pytest.mark.parametrize("key", FILES)
def test_another_content_of_a_file_beside_the_table_is_a_run_of_its_own(key: str) -> None:
    first = begin()
    file = Path(FILES[key])
    file.write_text(file.read_text() + ("41,3.0\n" if file.suffix == ".csv" else "# mended\n"))
    assert begin().path != first.path


def test_a_file_that_is_gone_is_told_before_there_is_a_run() -> None:
    Path("judge.csv").unlink()
    with pytest.raises(DataError, match=r"judge\.csv: there is no such file\n  allowed: in \.: test\.csv, train\.csv"):
        begin()
    assert not list(Path("runs").glob("one/*/run.json"))
