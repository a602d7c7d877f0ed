import json
from pathlib import Path

import pytest
import yaml

from bakeoff.errors import DiskFullError
from bakeoff.params import read_params
from bakeoff.runs import RunFolder, load_predictor
from tests.unit.cli.conftest import Cli, write_table


@pytest.fixture
def overridden(finished: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run of limits.max_trials=2 whose table still is as it was, and DVC's calls written down instead of carried out."""
    from bakeoff.data import store_dataset

    run = RunFolder(finished)
    stored = store_dataset("churn.csv", "data/runs/.datasets")
    run.update_facts(dataset=str(stored.path), data_digest=stored.digest)
    run.write_json("expectations.json", {"suite": {"name": "churn", "expectations": [], "meta": {}}})
    board = run.leaderboard()
    run.write_json("leaderboard.json", {**board, "rows": [row for row in board["rows"] if row["name"] != "voting_ensemble"]})
    return run


@pytest.fixture
def dvc(monkeypatch: pytest.MonkeyPatch, tracked: list[str]) -> list[str]:
    called: list[str] = []
    monkeypatch.setattr("bakeoff.cli.tracking.run_dvc", lambda *words, root: called.append(" ".join(words)))
    return called


def test_it_becomes_an_experiment_with_its_outs(overridden: RunFolder, dvc: list[str], tracked: list[str], bakeoff: Cli) -> None:
    code, out, err = bakeoff("adopt", "churn", "--name", "churn_two")
    assert (code, err) == (0, "")
    assert "published: 1 predictors to data/models/churn_two" in out
    assert read_params("params/churn_two.yaml") == overridden.params().model_copy(update={"name": "churn_two"})
    assert "limits:\n  max_trials: 2" in Path("params/churn_two.yaml").read_text()
    assert yaml.safe_load(Path("dvc.yaml").read_text())["stages"]["automl"]["foreach"]["churn_two"] == {"data": "churn.csv"}
    assert json.loads(Path("data/expectations/churn_two.json").read_text())["name"] == "churn_two"
    best = overridden.leaderboard()["rows"][0]["name"]
    assert load_predictor(f"data/models/churn_two/{best}.pkl").name == best
    assert "churn: baseline-" in Path("data/reports/churn_two/details/summary.md").read_text()
    assert f"bakeoff predict data/models/churn_two/{best}.pkl" in Path("data/reports/churn_two/details/summary.md").read_text()
    assert dvc == ["commit --force --with-deps automl@churn_two"]
    assert tracked == ["churn.csv"]
    assert bakeoff("predict", "churn_two", "churn.csv")[1].startswith("60 predictions of data/models/churn_two/baseline-")


def test_a_table_that_changed_since_comes_from_the_run(overridden: RunFolder, dvc: list[str], tracked: list[str], bakeoff: Cli) -> None:
    write_table(Path("churn.csv")).write_text("age,churned\n1,yes\n2,no\n")
    assert bakeoff("adopt", "churn")[0] == 0
    assert read_params("params/churn_ab12.yaml").data.train == "data/raw/churn_ab12.parquet"
    assert Path("data/raw/churn_ab12.parquet").is_file()
    assert tracked == ["data/raw/churn_ab12.parquet"]


def test_a_table_is_not_copied_where_its_entry_cannot_be_added(
    overridden: RunFolder, dvc: list[str], tracked: list[str], bakeoff: Cli
) -> None:
    write_table(Path("churn.csv")).write_text("age,churned\n1,yes\n2,no\n")
    Path("prefect.yaml").write_text("deployments: []\n")
    assert bakeoff("adopt", "churn", "--name", "churn_two")[0] == 2
    assert (list(Path("data/raw").iterdir()), Path("data/models").exists(), dvc, tracked) == ([], False, [], [])


def test_an_own_run_that_was_kept_back_becomes_an_experiment(overridden: RunFolder, dvc: list[str], bakeoff: Cli) -> None:
    overridden.update_facts(own=True, overrides={}, published=["ended: …", "kept in data/runs: publishing is off (publish.enabled)"])
    assert bakeoff("adopt", "churn", "--name", "churn_two")[0] == 0
    assert dvc == ["commit --force --with-deps automl@churn_two"]


@pytest.mark.parametrize(
    ("facts", "code", "message"),
    [
        ({"own": True, "published": ["ended: …", "published 1 predictors to data/models/churn"]}, 2, "there is nothing to adopt"),
        ({"state": "running"}, 5, "only an ended run can be adopted"),
        ({"files": {"search.metric": "0" * 64}}, 3, "given: search.metric"),
    ],
)
def test_what_cannot_be_adopted(
    overridden: RunFolder, dvc: list[str], bakeoff: Cli, facts: dict[str, object], code: int, message: str
) -> None:
    overridden.update_facts(**facts)
    found, _, err = bakeoff("adopt", "churn", "--name", "churn_two")
    assert found == code
    assert message in err
    assert not Path("params/churn_two.yaml").exists()


def test_what_failed_half_way_can_be_done_again(
    overridden: RunFolder, dvc: list[str], bakeoff: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table(Path("churn.csv")).write_text("age,churned\n1,yes\n2,no\n")

    def full(*_: object) -> list[str]:
        raise DiskFullError("the disk is full", where="data/models/churn_two")

    with monkeypatch.context() as patched:
        patched.setattr("bakeoff.runs.publishing.publish_layout", full)
        code, _, err = bakeoff("adopt", "churn", "--name", "churn_two")
    assert (code, dvc) == (5, [])
    assert "the disk is full" in err
    assert bakeoff("adopt", "churn", "--name", "churn_two")[0] == 0
    assert dvc == ["commit --force --with-deps automl@churn_two"]


def test_a_name_that_is_taken(overridden: RunFolder, dvc: list[str], bakeoff: Cli) -> None:
    Path("params/churn_two.yaml").write_text("name: churn_two\n")
    code, _, err = bakeoff("adopt", "churn", "--name", "churn_two")
    assert code == 2
    assert "this experiment is there already" in err
