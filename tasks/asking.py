"""Asking Prefect's server for what is not needed to go on; law: a server that is away costs a run nothing but the look of it."""

import time
from collections.abc import Callable, Container
from typing import TypeVar

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.context import SettingsContext, get_settings_context
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, Profile, Settings

from bakeoff.runs import Attempt, Failure, attempt

__all__ = ["AWAY", "NO_ANSWER", "ask", "tell"]

T = TypeVar("T")
TIMEOUT_SECONDS = 5.0
TRIES = 4
BETWEEN_SECONDS = 0.5
AWAY = {"ConnectError", "ConnectTimeout"}
SILENT = {"ReadTimeout", "WriteTimeout"}
NO_ANSWER = AWAY | SILENT
AWAY_SECONDS = 60.0
"""How long a server that was silent is told nothing more."""

_away_until: dict[str, float] = {}
_made: dict[int, tuple[Settings, Settings, SyncPrefectClient]] = {}
"""Of the settings asked by last, by their id: these, the same without tries of Prefect's own, and who asks by them."""


def tell(question: Callable[[SyncPrefectClient], T]) -> Attempt[T]:
    """Like `ask`, for what is only looked at: it waits for a server that takes the question and says nothing once a minute at most."""
    api = str(PREFECT_API_URL.value())
    if time.monotonic() < _away_until.get(api, 0.0):
        return Attempt(failure=Failure("ReadTimeout", f"{api} was silent, and is left alone for a while", ""))
    answer = ask(question, NO_ANSWER)
    if answer.failure is not None and answer.failure.kind in SILENT:
        _away_until[api] = time.monotonic() + AWAY_SECONDS
    return answer


def ask(question: Callable[[SyncPrefectClient], T], given_up: Container[str] = AWAY, tries: int = TRIES) -> Attempt[T]:
    """Prefect's answer, or its failure. A busy server (SQLite's lock makes it say 503) is asked again, one that is away is not.

    `given_up` are the kinds of failures after which it is not; it is asked `tries` times at most.
    """

    def asked() -> T:
        profile, settings, client = _asking()
        with SettingsContext(profile=profile, settings=settings):  # Prefect's own calls would go on asking for a minute
            return question(client)

    for later in reversed(range(tries)):
        answer = attempt(asked)
        if answer.failure is None or answer.failure.kind in given_up or not later:
            break
        time.sleep(BETWEEN_SECONDS)
    return answer


def _asking() -> tuple[Profile, Settings, SyncPrefectClient]:
    """Who asks, and by what; made once for the same settings: both take a tenth of a second of one core each time."""
    context = get_settings_context()
    made = _made.get(id(context.settings))
    if made is None:
        settings = context.settings.copy_with_update(updates={PREFECT_CLIENT_MAX_RETRIES: 0})
        client = get_client(sync_client=True, httpx_settings={"timeout": TIMEOUT_SECONDS})
        made = context.settings, settings, client
        _made.clear()
        _made[id(context.settings)] = made
    return context.profile, made[1], made[2]
