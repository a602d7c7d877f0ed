"""The flow on Prefect's test harness: tasks, artifacts, mistakes, slots."""

import json
import logging
import time
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate

from bakeoff import load_predictor
from bakeoff.data import read_table
from bakeoff.errors import ContractError, DataError
from bakeoff.params import RunOverrides
from bakeoff.runs import RunFolder
from flows.automl import automl
from tasks import validate as validation
from tasks.slots import existing_limit, slot

pytestmark = pytest.mark.usefixtures("prefect", "project")


def newest_run() -> Path:
    return max(Path("data/runs/small").glob("*/run.json")).parent


def test_a_run_trains_shows_and_publishes() -> None:
    state = automl("params/small.yaml", return_state=True)
    assert state.is_completed()
    run = Path(state.result())
    assert run == newest_run()
    board = json.loads((run / "leaderboard.json").read_text())
    models = Path("data/models/small")
    assert {path.stem for path in models.glob("*.pkl")} == {row["name"] for row in board["rows"] if row["rank"]}
    metrics = json.loads(Path("data/reports/small/metrics.json").read_text())
    assert metrics["best"]["name"] == board["rows"][0]["name"]
    assert metrics["trials"] == {"done": 4, "failed": 0, "skipped": 0}
    assert 0.5 < metrics["test"]["accuracy"] <= 1
    predictor = load_predictor(models / f"{board['rows'][0]['name']}.pkl")
    assert set(predictor.predict(read_table("data/raw/small.csv"))) == {"yes", "no"}
    assert "not recorded: no DVC project here" in state.message

    flow_run = state.state_details.flow_run_id
    in_flow = {"flow_runs": {"id": {"any_": [str(flow_run)]}}}
    trained = {row["name"] for row in board["rows"] if row["index"] is not None}
    with get_client(sync_client=True) as client:
        artifacts = client.request("POST", "/artifacts/filter", json=in_flow).json()
        late = time.monotonic() + 60  # task runs are recorded by events, which the flow's end may overtake
        while not trained <= (seen := {task["name"] for task in client.request("POST", "/task_runs/filter", json=in_flow).json()}):
            assert time.monotonic() < late, trained - seen
            time.sleep(0.2)
    assert sorted(a["key"] for a in artifacts) == [
        f"small-{what}" for what in ("expectations", "guardrails", "leaderboard", "progress", "summary")
    ]
    assert Path("data/expectations/small.json").exists()


def test_an_overridden_run_is_kept_back_and_another_store_can_be_named() -> None:
    state = automl("params/small.yaml", RunOverrides.model_validate({"limits": {"max_trials": 1}}), "elsewhere", return_state=True)
    run = Path(state.result())
    assert run.parent == Path("elsewhere/small")
    assert "it has overrides; make it an experiment of its own with: bakeoff adopt" in state.message
    assert not Path("data/models").exists()
    assert not Path("data/expectations").exists()
    assert json.loads((run / "run.json").read_text())["own"] is False


def test_a_broken_contract_is_a_failed_state_without_traceback(caplog: pytest.LogCaptureFixture) -> None:
    Path("data/expectations").mkdir()
    suite = {"name": "small", "expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "income"}}]}
    Path("data/expectations/small.json").write_text(json.dumps(suite))
    with caplog.at_level(logging.INFO):
        state = automl("params/small.yaml", return_state=True)
    assert state.is_failed()
    assert "column 'income': expect_column_to_exist" in state.message
    assert "Traceback" not in caplog.text
    with pytest.raises(ContractError, match="bakeoff expectations accept small"):
        state.result()
    assert json.loads((newest_run() / "run.json").read_text())["state"] == "failed"
    assert not Path("data/models").exists()


def test_a_contract_that_breaks_while_candidates_are_trained_stops_them(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = validation.judge

    def late(*given: Any) -> Any:
        (run,) = Path("data/runs/small").glob("2*")
        deadline = time.monotonic() + 60
        while not list((run / "trials").glob("*.json")) and time.monotonic() < deadline:
            time.sleep(0.05)
        broken, asked, page = judge(*given)
        return [*broken, "the moon is full"], asked, page

    monkeypatch.setattr(validation, "judge", late)
    state = automl("params/small.yaml", RunOverrides.model_validate({"limits": {"max_trials": 5000}}), return_state=True)
    assert "the moon is full" in state.message
    assert json.loads((newest_run() / "run.json").read_text())["state"] == "failed"
    assert {trial.reason for trial in RunFolder(newest_run()).trials() if trial.state == "skipped"} == {validation.BROKEN}


def test_a_mistake_before_the_run_keeps_its_kind() -> None:
    Path("data/raw/small.csv").unlink()
    with pytest.raises(DataError, match=r"small\.csv"):
        automl("params/small.yaml")


def test_a_test_file_that_is_not_there_is_a_mistake_and_leaves_no_run_behind() -> None:
    with pytest.raises(DataError, match=r"gone\.csv: there is no such file"):
        automl("params/small.yaml", RunOverrides.model_validate({"data": {"test": "data/raw/gone.csv"}}))
    states = [json.loads(path.read_text())["state"] for path in Path("data/runs/small").glob("*/run.json")]
    assert "running" not in states


def test_the_form_of_the_ui_describes_every_setting() -> None:
    schema = automl.parameters.model_dump_for_openapi()
    assert set(schema["properties"]) == {"params", "overrides", "runs"}
    limits = schema["definitions"]["LimitOverrides"]["properties"]
    assert "Candidates trained at most" in limits["max_trials"]["description"]


def test_slots() -> None:
    def never() -> str:
        return ""

    assert existing_limit(None) is None
    assert existing_limit("nobody-made-it") is None
    with get_client(sync_client=True) as client:
        client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name="just-one", limit=1))

        def occupied() -> Any:
            return client.read_global_concurrency_limit_by_name("just-one").active_slots

        assert existing_limit("just-one") == "just-one"
        with slot("just-one", never):
            assert occupied() == 1
        assert occupied() == 0
        with slot(None, never):
            assert occupied() == 0


def test_a_file_of_another_name_does_not_take_the_experiments_place() -> None:
    Path("params/copy.yaml").write_text(Path("params/small.yaml").read_text())
    state = automl("params/copy.yaml", return_state=True)
    assert "params/copy.yaml is not params/small.yaml" in state.message
    assert not Path("data/models").exists()
