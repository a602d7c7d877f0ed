import json
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from pydantic import BaseModel

from bakeoff.algorithms import get_algorithm
from bakeoff.cli.params_file import params_text
from bakeoff.cli.project_files import with_deployment, with_stage
from bakeoff.errors import ParamsError
from bakeoff.params import RunParams, read_params, validate
from bakeoff.search.competing import primary_metric
from bakeoff.search.ranking import is_better
from tests.unit.cli.conftest import DVC_YAML, PREFECT_YAML, Cli, write_table


def test_it_writes_an_experiment_and_says_what_it_found(project: Path, table: Path, tracked: list[str], bakeoff: Cli) -> None:
    code, out, err = bakeoff("new", table, "--target", "churned")
    assert (code, err) == (0, "")
    assert "60 rows, 5 columns" in out
    assert "task: classification (the target holds 2 different values: " in out
    assert "left out: country: constant" in out
    assert "next:    python -m flows.automl params/customers.yaml" in out
    params = read_params("params/customers.yaml")
    assert (params.name, params.task, params.data.train, params.data.target) == (
        "customers",
        "classification",
        "data/raw/customers.csv",
        "churned",
    )
    suite = json.loads(Path("data/expectations/customers.json").read_text())
    assert {"type": "expect_column_to_exist", "kwargs": {"column": "churned"}} in suite["expectations"]
    assert yaml.safe_load(Path("dvc.yaml").read_text())["stages"]["automl"]["foreach"]["customers"] == {"data": "data/raw/customers.csv"}
    assert tracked == ["data/raw/customers.csv"]


def test_a_table_from_outside_is_copied_and_tracked(project: Path, tmp_path: Path, tracked: list[str], bakeoff: Cli) -> None:
    outside = write_table(tmp_path / "my table-1.csv")
    assert bakeoff("new", outside, "--target", "spent")[0] == 0
    assert read_params("params/my_table-1.yaml").data.train == "data/raw/my_table-1.parquet"
    assert read_params("params/my_table-1.yaml").task == "regression"
    assert Path("data/raw/my_table-1.parquet").is_file()
    assert tracked == ["data/raw/my_table-1.parquet"]


@pytest.mark.parametrize("inside", [True, False])
def test_columns_that_no_frame_can_hold_are_left_out(project: Path, table: Path, tracked: list[str], bakeoff: Cli, inside: bool) -> None:
    frame = pd.read_csv(table)
    path = (table if inside else project.parent / "elsewhere").with_suffix(".parquet")
    frame.assign(**{"a, b": [{"k": n} for n in range(len(frame))], "raw": [b"x"] * len(frame)}).to_parquet(path)
    code, out, err = bakeoff("new", path, "--target", "churned")
    assert (code, err) == (0, "")
    assert "left out: raw: left out by data.drop" in out
    assert read_params(f"params/{path.stem}.yaml").data.drop == ("a, b", "raw")
    assert "raw" not in {
        e["kwargs"].get("column") for e in json.loads(Path(f"data/expectations/{path.stem}.json").read_text())["expectations"]
    }
    assert bakeoff("check", f"params/{path.stem}.yaml")[0] == 0
    assert bakeoff("new", path, "--target", "raw", "--name", "other")[0] == 3


def test_letters_with_accents_lose_them_in_a_name(project: Path, tmp_path: Path, tracked: list[str], bakeoff: Cli) -> None:
    outside = write_table(tmp_path / "Größe über alles, é.csv")
    assert bakeoff("new", outside, "--target", "spent")[0] == 0
    assert read_params("params/Grosse_uber_alles_e.yaml").data.train == "data/raw/Grosse_uber_alles_e.parquet"


def test_the_task_and_the_name_can_be_given(project: Path, table: Path, tracked: list[str], bakeoff: Cli) -> None:
    code, out, _ = bakeoff("new", table, "--target", "age", "--task", "regression", "--name", "ages")
    assert code == 0
    assert "task: regression (as given by --task)" in out
    assert read_params("params/ages.yaml").task == "regression"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--target", "churn"], 3, "the target is not among the columns"),
        (["--target", "churned", "--name", "../x"], 2, "no experiment's name"),
        (["--target", "country"], 3, "the target has one class only"),
    ],
)
def test_a_mistake_writes_nothing(table: Path, tracked: list[str], bakeoff: Cli, words: list[str], code: int, message: str) -> None:
    before = sorted(Path().rglob("*"))
    found, _, err = bakeoff("new", table, *words)
    assert found == code
    assert message in err
    assert sorted(Path().rglob("*")) == before
    assert Path("dvc.yaml").read_text() == DVC_YAML


def test_a_known_experiment_is_not_overwritten(project: Path, table: Path, tracked: list[str], bakeoff: Cli) -> None:
    bakeoff("new", table, "--target", "churned")
    code, _, err = bakeoff("new", table, "--target", "age")
    assert code == 2
    assert "this experiment is there already" in err
    assert read_params("params/customers.yaml").data.target == "churned"


def test_an_experiment_whose_params_file_was_deleted_can_be_made_again(
    project: Path, table: Path, tracked: list[str], bakeoff: Cli
) -> None:
    assert bakeoff("new", table, "--target", "churned")[0] == 0
    before = {name: Path(name).read_text() for name in ("dvc.yaml", "prefect.yaml")}
    Path("params/customers.yaml").unlink()
    assert bakeoff("new", table, "--target", "age")[0] == 0
    assert read_params("params/customers.yaml").data.target == "age"
    assert {name: Path(name).read_text() for name in before} == before


def test_an_entry_of_another_table_is_to_be_removed_first(project: Path, table: Path, tracked: list[str], bakeoff: Cli) -> None:
    before = sorted(Path().rglob("*"))
    code, _, err = bakeoff("new", table, "--target", "churned", "--name", "randhie")
    assert code == 2
    assert "dvc.yaml, line 7: this experiment is there already, and not the same" in err
    assert "given: {'data': 'data/raw/randhie.parquet'}" in err
    assert sorted(Path().rglob("*")) == before


def test_a_deployment_with_other_params_is_to_be_removed_first(project: Path) -> None:
    (project / "prefect.yaml").write_text(PREFECT_YAML.replace("params/wine.yaml", "params/other.yaml"))
    with pytest.raises(ParamsError, match=r"prefect\.yaml, line 3: this experiment is there already, and not the same"):
        with_deployment(project / "prefect.yaml", "wine")


def test_a_key_that_stands_twice_is_refused(project: Path) -> None:
    (project / "dvc.yaml").write_text(DVC_YAML.replace("      randhie:", "      wine: {data: other.csv}\n      randhie:"))
    with pytest.raises(ParamsError):
        with_stage(project / "dvc.yaml", "churn", "a.csv")


@pytest.mark.parametrize("file", ["dvc.yaml", "prefect.yaml", "dvc.lock"])
@pytest.mark.parametrize("name", ["customers", "elsewhere"])
def test_a_file_with_both_sides_of_a_merge_is_told_and_nothing_written(
    project: Path, table: Path, bakeoff: Cli, name: str, file: str
) -> None:
    outside = write_table(project.parent / "elsewhere.csv")
    text = Path(file).read_text() if Path(file).exists() else "schema: '2.0'\n"
    Path(file).write_text(f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> other\n")
    before = sorted(Path().rglob("*"))
    code, _, err = bakeoff("new", table if name == "customers" else outside, "--target", "churned")
    assert (code, err.startswith(f"{file}: this file of the project cannot be read")) == (2, True)
    assert sorted(Path().rglob("*")) == before


def test_a_table_from_outside_is_not_copied_where_its_entry_cannot_be_added(project: Path, tracked: list[str], bakeoff: Cli) -> None:
    Path("prefect.yaml").write_text("deployments: []\n")
    assert bakeoff("new", write_table(project.parent / "elsewhere.csv"), "--target", "churned")[0] == 2
    assert (list(Path("data/raw").iterdir()), tracked) == ([], [])


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bakeoff: Cli) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = bakeoff("new", write_table(tmp_path / "a.csv"), "--target", "churned")
    assert code == 2
    assert "not a Bakeoff project" in err


def test_a_stage_is_one_more_line(project: Path) -> None:
    new = with_stage(project / "dvc.yaml", "churn", "data/raw/my churn.csv")
    added = [line for line in new.splitlines() if line not in DVC_YAML.splitlines()]
    assert added == ["      churn: {data: data/raw/my churn.csv}"]
    assert [line for line in new.splitlines() if line not in added] == DVC_YAML.splitlines()


def test_a_deployment_is_as_its_neighbour_without_the_schedule(project: Path) -> None:
    new = with_deployment(project / "prefect.yaml", "churn")
    lines = iter(new.splitlines())
    assert all(line in lines for line in PREFECT_YAML.splitlines()), "every old line is there, in its order"
    first, second = yaml.safe_load(new)["deployments"]
    assert first == yaml.safe_load(PREFECT_YAML)["deployments"][0]
    assert second["name"] == "churn"
    assert second["parameters"] == {"params": "params/churn.yaml"}
    assert second["work_pool"] == {"name": "bakeoff"}
    assert "schedules" not in second


def test_a_file_that_cannot_be_extended_shows_what_to_add(project: Path) -> None:
    (project / "dvc.yaml").write_text("stages: {automl: {foreach: {wine: {data: x}}, do: {cmd: x}}}\n")
    with pytest.raises(ParamsError, match=r"add it by hand:\n    churn: \{data: a\.csv\}"):
        with_stage(project / "dvc.yaml", "churn", "a.csv")


@pytest.mark.parametrize("target", ["y", "no", "a: b", 'say "x" # now', "größe", "1", " lead", "null", "x" * 200])
def test_any_name_of_a_column_survives_the_file(target: str) -> None:
    content = yaml.safe_load(params_text("churn", "classification", "data/my file.csv", target))
    assert content["data"] == {"train": "data/my file.csv", "target": target}


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_every_commented_key_is_right_and_none_is_missing(task: str) -> None:
    text = params_text("churn", task, "churn.csv", "y")
    uncommented = re.sub(r"^(\s*)# ?(\s*\w+:)", r"\1\2", text, flags=re.MULTILINE)
    content = yaml.safe_load(uncommented)
    assert validate(content).search.metric == validate(content).model_dump()["search"]["metric"]
    params, of_a_constant = validate(content), 0.5 if task == "classification" else 0.15
    assert task in get_algorithm(params.search.meta_learner or "").tasks
    assert is_better(params.limits.exit_score or of_a_constant, of_a_constant, primary_metric(params))  # the baseline is no end
    alternatives = {"search.algorithms.exclude", *(f"validation.{key}" for key in ("fraction", "file", "split_columns", "time"))}
    alternatives |= {"data.positive_label"} if task == "regression" else set()
    assert all(f" {key.rpartition('.')[2]}: " in text for key in alternatives - {"data.positive_label"})
    assert keys_of_model(RunParams) - keys_of(content) == alternatives


MAPPINGS = {f"featurization.{key}." for key in ("kinds", "orders", "imputation", "parameters")}


def keys_of(content: object, prefix: str = "") -> set[str]:
    if not isinstance(content, dict) or prefix in MAPPINGS:
        return {prefix[:-1]}
    return {key for name, value in content.items() for key in keys_of(value, f"{prefix}{name}.")}


def keys_of_model(model: type[BaseModel], prefix: str = "") -> set[str]:
    keys: set[str] = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        section = isinstance(kind, type) and issubclass(kind, BaseModel)
        keys |= keys_of_model(kind, f"{prefix}{name}.") if section else {prefix + name}  # type: ignore[arg-type]
    return keys
