"""Asking Prefect's server for what is not needed to go on; law: a server that is away costs a run nothing but the look of it."""

import time
from collections.abc import Callable
from typing import TypeVar

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from bakeoff.runs import Attempt, attempt

__all__ = ["ask"]

T = TypeVar("T")
TIMEOUT_SECONDS = 5.0
TRIES = 4
BETWEEN_SECONDS = 0.5
AWAY = {"ConnectError", "ConnectTimeout"}


def ask(question: Callable[[SyncPrefectClient], T]) -> Attempt[T]:
    """Prefect's answer, or its failure. A busy server (SQLite's lock makes it say 503) is asked again, one that is away is not."""

    def asked() -> T:
        # Prefect's own calls would go on asking for a minute
        with (
            temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}),
            get_client(sync_client=True, httpx_settings={"timeout": TIMEOUT_SECONDS}) as client,
        ):
            return question(client)

    for _ in range(TRIES):
        answer = attempt(asked)
        if answer.failure is None or answer.failure.kind in AWAY:
            break
        time.sleep(BETWEEN_SECONDS)
    return answer
