"""Recording, where there is nothing to record with."""

import sys
from pathlib import Path

import pytest
import yaml

from bakeoff.params.model import PublishParams
from tasks import recording
from tasks.recording import record

PUBLISH = PublishParams()


def test_inside_dvc_recording_is_dvcs(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_STAGE", "automl@small")
    assert record("small", "r1", PUBLISH)[1] == ["recording is left to DVC, which is carrying out automl@small"]


def test_without_dvc(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DVC_STAGE", raising=False)
    assert "no DVC project here" in record("small", "r1", PUBLISH)[1][0]


@pytest.mark.parametrize("text", ["stages: {}", "stages: {automl: {foreach: {other: {data: x}}, do: {cmd: x}}}", "{", "[]"])
def test_without_a_stage(project: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.delenv("DVC_STAGE", raising=False)
    Path(".dvc").mkdir()
    Path("dvc.yaml").write_text(text)
    assert "dvc.yaml has no stage automl@small" in record("small", "r1", PUBLISH)[1][0]


def test_what_dvc_says_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DVC_STAGE", raising=False)
    Path(".dvc").mkdir()
    Path("dvc.yaml").write_text("stages: {automl: {foreach: {small: {data: x}}, do: {cmd: x}}}")
    recorded, (said,) = record("small", "r1", PUBLISH)
    assert not recorded
    assert said.startswith("not recorded by DVC; record it with `dvc commit -f --with-deps automl@small`: ")
    assert "ERROR: " in said


def test_a_remote_that_does_not_answer_is_given_up(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        recording, "DVC", (sys.executable, "-c", "import sys, time; print('origin') if 'config' in sys.argv else time.sleep(600)")
    )
    monkeypatch.setattr(recording, "PUSH_SECONDS", 1.0)
    assert recording.push("small", PUBLISH) == ["not pushed; push it with `dvc push --with-deps automl@small`: it did not end within 1 s"]


@pytest.mark.parametrize("path", ["", "no_git"])
def test_without_git_nothing_is_said_of_it_unless_asked(project: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.delenv("DVC_STAGE", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    if path:
        monkeypatch.setenv("PATH", path)
    monkeypatch.setattr(recording, "DVC", (sys.executable, "-c", ""))
    Path(".dvc").mkdir()
    Path("dvc.yaml").write_text("stages: {automl: {foreach: {small: {data: x}}, do: {cmd: x}}}")
    assert record("small", "r1", PUBLISH) == (True, ["recorded by DVC as automl@small in dvc.lock"])
    recorded, (_, said) = record("small", "r1", PublishParams(git="commit"))
    assert recorded
    assert said.startswith("dvc.lock not committed; commit it with `git commit dvc.lock`: ")


@pytest.mark.parametrize("inside", ["", "automl@small"])
@pytest.mark.parametrize(
    ("deps", "unseen"),
    [
        ([], ["data.test", "validation.file", "search.metric"]),
        (["${item.data}", "data/raw/test.csv"], ["validation.file", "search.metric"]),
        (["data/raw/${key}_judge.csv", "metrics.py"], ["data.test"]),
        (["data/raw", "./metrics.py"], []),
    ],
)
def test_files_that_dvc_does_not_see_are_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, deps: list[str], unseen: list[str], inside: str
) -> None:
    monkeypatch.setenv("DVC_STAGE", inside)
    monkeypatch.setattr(recording, "DVC", (sys.executable, "-c", ""))
    monkeypatch.syspath_prepend(project)
    files = {"data.test": "data/raw/test.csv", "validation.file": "data/raw/small_judge.csv", "search.metric": "metrics.py"}
    Path("metrics.py").write_text("def cost(truth, predicted): ...")
    params = yaml.safe_load(Path("params/small.yaml").read_text()) | {"validation": {"file": files["validation.file"]}}
    params["data"]["test"] = files["data.test"]
    params["search"]["metric"] = "metrics:cost"
    Path("params/small.yaml").write_text(yaml.safe_dump(params))
    Path(".dvc").mkdir()
    stage = {"foreach": {"small": {"data": "data/raw/small.csv"}}, "do": {"cmd": "x", "deps": deps}}
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": {"automl": stage}}))
    _, (_, *said) = record("small", "r1", PUBLISH)
    del sys.modules["metrics"]
    assert [line.partition(" changes; ")[0] for line in said] == [f"DVC does not see it when {files[key]} ({key})" for key in unseen]
