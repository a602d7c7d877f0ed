"""Artifacts of a run in the Prefect UI; law: asked for once and in vain where the server is away."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate
from prefect.runtime import flow_run, task_run

from bakeoff.runs import RunFolder
from tasks.asking import tell

__all__ = ["artifact_key", "create_artifact", "show_markdown", "show_table"]


def artifact_key(run: RunFolder, what: str) -> str:
    """The key under which the UI lists an experiment's artifacts: lower-case letters, digits and dashes."""
    return f"{run.experiment}-{what}".lower().replace("_", "-")


def create_artifact(client: SyncPrefectClient, key: str, kind: str, data: str | float, description: str = "") -> UUID:
    """Creates an artifact (kind: table, progress, markdown) of the flow and task run this is called in."""
    content = ArtifactCreate(key=key, type=kind, data=data, description=description, flow_run_id=flow_run.id, task_run_id=task_run.id)
    return client.create_artifact(content).id


def show_markdown(run: RunFolder, what: str, text: str) -> None:
    """Shows markdown in the UI."""
    tell(lambda client: create_artifact(client, artifact_key(run, what), "markdown", text))


def show_table(run: RunFolder, what: str, rows: Sequence[Mapping[str, str]], description: str) -> None:
    """Shows a table in the UI."""
    tell(lambda client: create_artifact(client, artifact_key(run, what), "table", json.dumps(list(rows)), description))
