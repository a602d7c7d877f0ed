"""A run that cannot be published goes on by the same command."""

from pathlib import Path

import pytest

from bakeoff.errors import DiskFullError, PublishingError
from bakeoff.params import read_params
from bakeoff.search import begin_run, holding
from tasks import publish


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
