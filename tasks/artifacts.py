"""Artifacts of a run in the Prefect UI; law: what a busy server did not take is shown at the run's end, and nothing is waited for."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate
from prefect.logging import get_run_logger
from prefect.runtime import flow_run, task_run

from bakeoff.runs import RunFolder
from tasks.asking import NO_ANSWER, ask, tell

__all__ = ["artifact_key", "create_artifact", "show", "show_markdown", "show_table", "show_what_waits"]

Shown = Callable[[SyncPrefectClient], object]

_waiting: dict[str, dict[str, Shown]] = {}
"""What a server that was busy or away did not take, by the run's path and by name."""


def artifact_key(run: RunFolder, what: str) -> str:
    """The key under which the UI lists an experiment's artifacts: lower-case letters, digits and dashes."""
    return f"{run.experiment}-{what}".lower().replace("_", "-")


def create_artifact(client: SyncPrefectClient, key: str, kind: str, data: str | float, description: str = "") -> UUID:
    """Creates an artifact (kind: table, progress, markdown) of the flow and task run this is called in."""
    return _create(_content(key, kind, data, description), client)


def show_markdown(run: RunFolder, what: str, text: str) -> None:
    """Shows markdown in the UI."""
    show(run, what, partial(_create, _content(artifact_key(run, what), "markdown", text)))


def show_table(run: RunFolder, what: str, rows: Sequence[Mapping[str, str]], description: str) -> None:
    """Shows a table in the UI."""
    show(run, what, partial(_create, _content(artifact_key(run, what), "table", json.dumps(list(rows)), description)))


def show(run: RunFolder, what: str, shown: Shown) -> None:
    """Shows something, in the place of what was to be shown by that name before and still waits."""
    waiting = _waiting.setdefault(str(run.path), {})
    if tell(shown).failure is None:
        waiting.pop(what, None)
    else:
        waiting[what] = shown


def show_what_waits(run: RunFolder) -> None:
    """Shows what could not be shown when it was made; nothing more after the first that the server does not take."""
    waiting = _waiting.pop(str(run.path), {})
    while waiting:
        answer = ask(next(iter(waiting.values())), NO_ANSWER)
        if answer.failure is not None:
            missing = ", ".join(waiting)
            get_run_logger().warning("not shown in the Prefect UI, whose server did not take it (%s): %s", answer.failure, missing)
            return
        del waiting[next(iter(waiting))]


def _content(key: str, kind: str, data: str | float, description: str = "") -> ArtifactCreate:
    return ArtifactCreate(key=key, type=kind, data=data, description=description, flow_run_id=flow_run.id, task_run_id=task_run.id)


def _create(content: ArtifactCreate, client: SyncPrefectClient) -> UUID:
    return client.create_artifact(content).id
