"""A run that cannot be published goes on by the same command."""

import errno
import logging
from pathlib import Path

import pandas as pd
import pytest
import yaml
from prefect.logging import disable_run_logger

from bakeoff.errors import DiskFullError, PublishingError, WriteError
from bakeoff.params import read_params
from bakeoff.search import begin_run, holding
from tasks import publish
from tasks.starting import started


def test_a_run_that_cannot_be_published_has_not_ended(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> list[str]:
        raise DiskFullError("the disk is full", where="data/models/small")

    monkeypatch.setattr(publish, "_kept_back", lambda *_: "")
    monkeypatch.setattr(publish, "publish_layout", full)
    run = begin_run(read_params("params/small.yaml"), root=Path("data/runs"))
    with pytest.raises(PublishingError, match=r"it was not published\n  given: .*the disk is full"), holding(run):
        publish._published(run, run.params(), "")
    assert run.facts()["state"] == "running"
    assert begin_run(read_params("params/small.yaml"), root=Path("data/runs")).path == run.path


def test_a_write_that_a_share_refuses_once_leaves_the_run_for_the_same_command(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stale(*_: object) -> None:
        raise OSError(errno.ESTALE, "Stale file handle")

    run = begin_run(read_params("params/small.yaml"), root=Path("data/runs"))
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", stale)
        with pytest.raises(WriteError, match="Stale file handle"), holding(run):
            run.write_json("leaderboard.json", {})
    assert run.facts()["state"] == "running"
    assert begin_run(read_params("params/small.yaml"), root=Path("data/runs")).path == run.path


@pytest.mark.parametrize(("recorded", "expected"), [(True, ["published", "pushed at last"]), (False, ["published"])])
def test_a_run_has_ended_before_it_is_pushed(project: Path, monkeypatch: pytest.MonkeyPatch, recorded: bool, expected: list[str]) -> None:
    run = begin_run(read_params("params/small.yaml"), root=Path("data/runs"))
    run.write_json("leaderboard.json", {"rows": []})

    def pushed(*_: object) -> list[str]:
        assert run.facts()["state"] == "finished"
        assert begin_run(read_params("params/small.yaml"), root=Path("data/runs")).path != run.path  # nothing is held
        return ["pushed at last"]

    monkeypatch.setattr(publish, "_published", lambda *_: (recorded, ["published"]))
    monkeypatch.setattr(publish, "push", pushed)
    monkeypatch.setattr(publish, "show_markdown", lambda *_: None)
    monkeypatch.setattr(publish, "get_run_logger", lambda: logging.getLogger("test"))
    monkeypatch.setattr(publish, "watching", lambda _: lambda *_: None)
    monkeypatch.setattr(publish, "announce", lambda *_: None)
    publish.publish.__wrapped__(str(run.path), "20 trials")
    assert run.facts()["published"] == ["ended: 20 trials", *expected]


@pytest.mark.parametrize("stage", ["", "automl@small"])
@pytest.mark.parametrize("changed", ["data.train", "data.test", "validation.file"])
def test_a_run_is_kept_back_where_a_file_that_it_read_was_changed_meanwhile(
    project: Path, monkeypatch: pytest.MonkeyPatch, changed: str, stage: str
) -> None:
    """One of DVC's too: what DVC writes into dvc.lock afterwards are the files as they are then."""
    monkeypatch.setenv("DVC_STAGE", stage)
    frame, params = pd.read_csv("data/raw/small.csv"), yaml.safe_load(Path("params/small.yaml").read_text())
    files = {"data.train": "data/raw/small.csv", "data.test": "data/raw/test.csv", "validation.file": "data/raw/valid.csv"}
    for file in files.values():
        frame.to_csv(file, index=False)
    params["data"]["test"], params["validation"] = files["data.test"], {"file": files["validation.file"]}
    Path("params/small.yaml").write_text(yaml.safe_dump(params))
    with disable_run_logger(), started("params/small.yaml", None, "data/runs") as run:
        assert publish._kept_back(run, run.params()) == ""
        frame[:-1].to_csv(files[changed], index=False)
        assert "was changed while it ran" in publish._kept_back(run, run.params())
