"""Asking Prefect's server for what is not needed to go on; law: a server that is away costs a run nothing but the look of it."""

from collections.abc import Callable
from typing import TypeVar

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from bakeoff.runs import Attempt, attempt

__all__ = ["ask"]

T = TypeVar("T")
TIMEOUT_SECONDS = 5.0


def ask(question: Callable[[SyncPrefectClient], T]) -> Attempt[T]:
    """Prefect's answer, or its failure: asked once, without the minute of retries that Prefect's own calls take."""

    def asked() -> T:
        with (
            temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}),
            get_client(sync_client=True, httpx_settings={"timeout": TIMEOUT_SECONDS}) as client,
        ):
            return question(client)

    return attempt(asked)
