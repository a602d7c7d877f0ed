"""The run as it is seen while it goes on: artifacts in the Prefect UI, the terminal's view; law: looking never changes or costs a run."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactUpdate
from prefect.runtime import flow_run

from bakeoff.runs import RunFolder
from bakeoff.runs.files import plain
from bakeoff.search import Progress, Snapshot
from tasks.artifacts import artifact_key, create_artifact, show

__all__ = ["shown_by", "watching"]

Viewer = Callable[[Snapshot], None]

_viewers: ContextVar[tuple[Viewer, ...]] = ContextVar("viewers", default=())
ROWS_SHOWN = 100
MEASURED_SHOWN = ("latency_1_p50_ms", "latency_1000_p50_ms", "size_mb")
REMEMBERED = "artifacts.json"


@contextmanager
def shown_by(viewer: Viewer) -> Iterator[None]:
    """Runs carried out meanwhile are shown to `viewer` too."""
    token = _viewers.set((*_viewers.get(), viewer))
    try:
        yield
    finally:
        _viewers.reset(token)


def watching(run: RunFolder) -> Viewer:
    """Shows each snapshot of a run to the viewers, and in the two artifacts of its flow run: leaderboard and progress."""
    viewers = _viewers.get()

    def shown(snapshot: Snapshot) -> None:
        for viewer in viewers:
            viewer(snapshot)
        show(run, "leaderboard", lambda client: _refresh(client, run, snapshot))

    return shown


def _refresh(client: SyncPrefectClient, run: RunFolder, snapshot: Snapshot) -> None:
    """Rewrites both artifacts; created once per flow run, since each creation would add a version."""
    table = json.dumps(_table(snapshot.leaderboard)), _caption(run, snapshot)
    progress = _percent(snapshot.progress), _doing(snapshot.progress)
    known = run.read_json(REMEMBERED) if run.has(REMEMBERED) else {}
    if known.get("flow_run") == flow_run.id:
        for name, (data, description) in (("table", table), ("progress", progress)):
            client.update_artifact(UUID(known[name]), ArtifactUpdate(data=data, description=description))
        return
    board = create_artifact(client, artifact_key(run, "leaderboard"), "table", *table)
    bar = create_artifact(client, artifact_key(run, "progress"), "progress", *progress)
    run.write_json(REMEMBERED, {"flow_run": flow_run.id, "table": str(board), "progress": str(bar)})


def _table(board: dict[str, Any]) -> list[dict[str, Any]]:
    """The leaderboard as the UI shows it; JSON has no NaN."""
    shown: tuple[str, ...] = ("rank", "name", "score", "std", "fit_seconds", "recipe", "state", "reason")
    shown += tuple(name for name in MEASURED_SHOWN if any(row.get(name) is not None for row in board["rows"]))
    rows = [{name: row[name] for name in shown} | dict(row["scores"]) for row in board["rows"][:ROWS_SHOWN]]
    content: list[dict[str, Any]] = plain(rows)
    return content


def _caption(run: RunFolder, snapshot: Snapshot) -> str:
    board = snapshot.leaderboard
    direction = "greater" if board["greater_is_better"] else "smaller"
    return f"Run {run.id} of {run.experiment}, ranked by {board['metric']} ({direction} is better), {board['updated']}"


def _percent(progress: Progress) -> float:
    """Share of the trials or of the time, whichever is further."""
    ended = progress.done + progress.failed + progress.skipped
    by_trials = ended / progress.planned if progress.planned else 0.0
    limit = None if progress.left_seconds is None else progress.elapsed_seconds + progress.left_seconds
    by_time = progress.elapsed_seconds / limit if limit else 0.0
    return round(100 * min(1.0, max(by_trials, by_time)), 1)


def _doing(progress: Progress) -> str:
    left = "" if progress.left_seconds is None else f", {max(0.0, progress.left_seconds):.0f} s left"
    best = f"; best: {progress.best_name}" if progress.best_name else ""
    counts = f"{progress.done} done, {progress.failed} failed, {progress.skipped} skipped"
    return f"{progress.doing}: {counts}, {progress.elapsed_seconds:.0f} s{left}{best}"
