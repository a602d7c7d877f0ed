"""Slots of a Prefect global concurrency limit; law: who has no slot waits; no limit, or no server, never costs a run."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.exceptions import MissingContextError, ObjectNotFound, PrefectHTTPStatusError
from prefect.logging import get_logger, get_run_logger

from bakeoff.runs import Failure
from tasks.asking import AWAY, NO_ANSWER, ask

__all__ = ["existing_limit", "slot"]

LEASE_SECONDS = 60.0
"""Prefect's least; a run that is killed gives its slots back after this long."""
RENEW_SECONDS = 20.0
LOOK_SECONDS = 0.5
"""Prefect's own client waits for the average occupation, up to 30 s, one caller after the other: seconds between short trials."""
LOCKED = 423
PATIENCE_SECONDS = 15.0
"""How long nobody may be there at the server's address before trials go on without it."""
SILENCE_SECONDS = 60.0
"""How long a server that is there may answer nobody before they do: by then the leases of those who hold slots have run out too."""
AWAY_SECONDS = 60.0
"""How long it is then not asked again."""

_answered: dict[str, float] = {}
_away_until: dict[str, float] = {}


def existing_limit(name: str | None) -> str | None:
    """`name` where the server has an active limit of that name, or does not say; None where there is nothing to wait for."""

    def look(client: SyncPrefectClient) -> str | None:
        try:
            return name if client.read_global_concurrency_limit_by_name(name or "").active else None
        except ObjectNotFound:
            return None

    if name is None:
        return None
    answer = ask(look)
    return name if answer.failure is not None else answer.value


@contextmanager
def slot(limit: str | None, stopped: Callable[[], str]) -> Iterator[None]:
    """Holds one slot of `limit`, waiting for it until `stopped` gives a reason; nothing where `limit` is None."""
    lease = None if limit is None else _wait_for_slot(limit, stopped)
    if lease is None:
        yield
        return
    released = threading.Event()
    renewal = threading.Thread(target=_renew, args=(lease, released), daemon=True)
    renewal.start()
    try:
        yield
    finally:
        released.set()
        # of a server that is silent the lease runs out by itself, and nobody waits for it
        ask(lambda client: client.release_concurrency_slots_with_lease(lease_id=lease), NO_ANSWER)


def _wait_for_slot(limit: str, stopped: Callable[[], str]) -> UUID | None:
    """A lease on one slot; None where the run is stopped, or the server has not answered for a while."""
    logger, pause = _logger(), threading.Event()
    begun, waiting = time.monotonic(), False
    while not stopped() and time.monotonic() >= _away_until.get(limit, 0.0):
        answer = ask(lambda client: _take_slot(client, limit), tries=1)  # it is asked again here, where `stopped` is heard
        if answer.failure is None:
            _answered[limit] = time.monotonic()
            if answer.value is not None:
                return answer.value
        elif time.monotonic() - max(begun, _answered.get(limit, begun)) > _patience(answer.failure):
            _away_until[limit] = time.monotonic() + AWAY_SECONDS
            logger.warning("Prefect gives no slot of the limit %r, going on without: %s", limit, answer.failure)
        if not waiting:
            logger.info("waiting for a slot of the limit %r", limit)
            waiting = True
        pause.wait(LOOK_SECONDS)
    return None


def _patience(failure: Failure) -> float:
    return PATIENCE_SECONDS if failure.kind in AWAY else SILENCE_SECONDS


def _logger() -> logging.Logger | logging.LoggerAdapter[logging.Logger]:
    """The run's own; outside a run, Prefect's."""
    try:
        return get_run_logger()
    except MissingContextError:
        return get_logger(__name__)


def _take_slot(client: SyncPrefectClient, limit: str) -> UUID | None:
    """A lease on one slot; None where all are occupied."""
    try:
        response = client.increment_concurrency_slots_with_lease(names=[limit], slots=1, mode="concurrency", lease_duration=LEASE_SECONDS)
    except PrefectHTTPStatusError as error:
        if error.response.status_code == LOCKED:
            return None
        raise
    return UUID(response.json()["lease_id"])


def _renew(lease: UUID, released: threading.Event) -> None:
    while not released.wait(RENEW_SECONDS):
        ask(lambda client: client.renew_concurrency_lease(lease_id=lease, lease_duration=LEASE_SECONDS))
