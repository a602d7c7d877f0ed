"""Params files: what is read, how overrides merge, and how a mistake is told."""

from pathlib import Path
from typing import Any

import pytest

from bakeoff.errors import ParamsError
from bakeoff.params import RunOverrides, digest_of, given_overrides, merge, parse_assignments, read_params, validate

MINIMUM = "name: churn\ntask: classification\ndata: {train: data/raw/churn.csv, target: churned}\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "churn.yaml"
    path.write_text(text)
    return path


def test_the_minimum_is_enough(tmp_path: Path) -> None:
    params = read_params(written(tmp_path, MINIMUM))
    assert (params.name, params.task, params.data.target) == ("churn", "classification", "churned")
    assert params.limits.max_trials is None
    assert params.compute.cores_per_trial == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("limit: {max_trials: 3}", r"churn\.yaml: limit: unknown key[\s\S]*did you mean limits\?"),
        ("limits: {max_trails: 3}", r"limits\.max_trails: unknown key[\s\S]*did you mean max_trials"),
        ("limits: {max_trials: many}", r"limits\.max_trials: wrong value\n  given: 'many'\n  allowed: input should be a valid integer"),
        ("limits: {max_trials: 0}", r"limits\.max_trials[\s\S]*greater than or equal to 1"),
        ("search: {seed: -1}", r"search\.seed"),
        ("data: {train: x, target: y, test: 1.5}", r"(?s)data\.test.*given: 1\.5"),
        ("search: {algorithms: {include: [knn], exclude: [svm]}}", r"search\.algorithms: give include or exclude, not both"),
        ("inference: {max_ms_per_row: 0}", r"inference\.max_ms_per_row[\s\S]*greater than 0"),
        ("refit: best", r"refit: wrong value\n  given: 'best'\n  allowed: 'none' or 'full'"),
        ("task: regress", r"task: wrong value\n  given: 'regress'\n  allowed: classification, regression\n"),
        ("search: {algorithms: {include: knn}}", r"search\.algorithms\.include: wrong value\n  given: 'knn'\n  allowed: a list"),
        ("data: {train: x, target: 1.5}", r"data\.target: wrong value\n  given: 1\.5"),
        ("data: {train: x, target: true}", r"data\.target: wrong value\n  given: True"),
        ("publish: {git: always}", r"publish\.git: wrong value\n  given: 'always'\n  allowed: 'none' or 'commit'"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_is_allowed(tmp_path: Path, line: str, said: str) -> None:
    base = "".join(kept for kept in MINIMUM.splitlines(keepends=True) if kept.split(":")[0] != line.split(":", maxsplit=1)[0])
    with pytest.raises(ParamsError, match=said):
        read_params(written(tmp_path, base + line + "\n"))


@pytest.mark.parametrize("name", ["../escape", "a/b", "", "1st", "x" * 65, "ümlaut"])
def test_a_name_that_could_become_another_path_is_refused(tmp_path: Path, name: str) -> None:
    text = MINIMUM.replace("name: churn", f"name: {name!r}")
    with pytest.raises(ParamsError, match=r"name: wrong value[\s\S]*a letter, then letters, digits, - or _"):
        read_params(written(tmp_path, text))


def test_a_numbered_column_is_named_by_its_number(tmp_path: Path) -> None:
    assert read_params(written(tmp_path, MINIMUM.replace("churned", "3"))).data.target == "3"


@pytest.mark.parametrize("over", [5, "limits", ["limits"]])
def test_overrides_that_are_no_mapping_are_refused(over: Any) -> None:
    with pytest.raises(ParamsError, match="overrides are a mapping of keys"):
        merge({"name": "churn"}, over)


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"(?s)task: wrong value.*data\.target: this key is required") as told:
        read_params(written(tmp_path, "name: churn\ntask: cooking\ndata: {train: x}\n"))
    assert "mend the 2 places above" in str(told.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"cannot be read[\s\S]*in .*: churn\.yaml"):
        read_params(written(tmp_path, MINIMUM).with_name("chrun.yaml"))
    with pytest.raises(ParamsError, match="this is not YAML"):
        read_params(written(tmp_path, "name: [churn\n"))
    with pytest.raises(ParamsError, match="'name' is given twice"):
        read_params(written(tmp_path, MINIMUM + "name: other\n"))
    with pytest.raises(ParamsError, match="a params file is a mapping"):
        read_params(written(tmp_path, "- churn\n"))


@pytest.mark.parametrize("text", ["data: {train: {{ path }}, target: y}\n", "? [1, 2]\n: x\n"])
def test_a_key_that_is_no_word_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(ParamsError, match="this is not YAML"):
        read_params(written(tmp_path, text))
    with pytest.raises(ParamsError, match="the value is not YAML"):
        parse_assignments(["data.train={{ path }}"])


def test_a_date_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"this is not YAML\n  given: day is out of range for month; put it in quotes[^\n]*\n.*line 4"):
        read_params(written(tmp_path, MINIMUM + "validation: {time: 2024-02-30}\n"))
    with pytest.raises(ParamsError, match=r"positive_label: the value is not YAML\n  given: 2024-02-30\n  what to do: put text into"):
        parse_assignments(["data.positive_label=2024-02-30"])


def test_numbered_columns_are_named_by_their_numbers_everywhere(tmp_path: Path) -> None:
    text = "name: churn\ntask: classification\ndata: {train: t.csv, target: 1, drop: [2], weight: 3}\n"
    more = "validation: {group: 4}\nfeaturization: {mode: custom, kinds: {5: text}, drop: [6]}\n"
    params = read_params(written(tmp_path, text + more))
    assert (params.data.target, params.data.drop, params.data.weight, params.validation.group) == ("1", ("2",), "3", "4")
    assert (dict(params.featurization.kinds), params.featurization.drop) == ({"5": "text"}, ("6",))


def test_overrides_merge_key_by_key_and_null_takes_a_value_back(tmp_path: Path) -> None:
    path = written(tmp_path, MINIMUM + "limits: {max_trials: 5, max_minutes: 3}\n")
    params = read_params(path, parse_assignments(["limits.max_trials=9", "limits.max_minutes=null", "search.algorithms.include=[knn]"]))
    assert (params.limits.max_trials, params.limits.max_minutes) == (9, None)
    assert params.search.algorithms.include == ("knn",)


@pytest.mark.parametrize("word", ["limits.max_trials", "=3", "limits..max=3"])
def test_an_override_that_is_none_is_told(word: str) -> None:
    with pytest.raises(ParamsError, match=r"an override is KEY=VALUE"):
        parse_assignments([word])


def test_the_api_s_overrides_are_the_same_merge() -> None:
    overrides = RunOverrides.model_validate({"limits": {"max_trials": 4, "max_minutes": None}})
    assert given_overrides(overrides) == {"limits": {"max_trials": 4, "max_minutes": None}}
    assert merge({"limits": {"max_minutes": 2, "exit_score": 1}}, given_overrides(overrides)) == {
        "limits": {"max_trials": 4, "max_minutes": None, "exit_score": 1}
    }
    assert given_overrides(None) == {}


def test_every_key_of_the_form_is_described() -> None:
    def undescribed(schema: dict[str, Any]) -> list[str]:
        return [name for name, field in schema["properties"].items() if "description" not in field and "$ref" not in str(field)]

    schema = RunOverrides.model_json_schema()
    found = [(title, undescribed(part)) for title, part in schema["$defs"].items()]
    assert [pair for pair in found if pair[1] not in ([], ["algorithms"])] == []


def test_the_digest_leaves_out_what_cannot_change_a_result() -> None:
    content: dict[str, Any] = {"name": "a", "task": "regression", "data": {"train": "x", "target": "y"}}
    same = {**content, "compute": {"max_concurrent_trials": 3}, "leaderboard": {"interval_seconds": 60}, "publish": {"git": "commit"}}
    assert digest_of(validate(content)) == digest_of(validate(same))
    for other in ({"search": {"seed": 1}}, {"compute": {"cores_per_trial": 2}}, {"limits": {"max_trials": 1}}):
        assert digest_of(validate(content)) != digest_of(validate({**content, **other}))
