"""A server that takes what it is told and says nothing: waited for once, and then left alone for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from tasks import asking
from tasks.asking import ask, tell

now = [1000.0]


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody is asked, and no time goes by."""

    @contextmanager
    def client(**_: Any) -> Iterator[None]:
        yield None

    monkeypatch.setattr(asking, "get_client", client)
    monkeypatch.setattr(asking, "_away_until", {})
    monkeypatch.setattr(asking, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=lambda _: None))
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        yield


def failing(error: Exception, asked: list[int]) -> Any:
    def question(_: Any) -> Any:
        asked.append(1)
        raise error

    return question


def test_a_silent_server_is_told_nothing_more_for_a_while() -> None:
    asked: list[int] = []
    for _ in range(3):
        answer = tell(failing(httpx.ReadTimeout("5 s"), asked))
        assert answer.failure is not None
        assert answer.failure.kind == "ReadTimeout"
    assert len(asked) == 1
    now[0] += asking.AWAY_SECONDS
    assert tell(lambda _: "there again").value == "there again"
    assert tell(lambda _: "still there").value == "still there"


def test_another_server_is_not_taken_for_the_silent_one() -> None:
    tell(failing(httpx.ReadTimeout("5 s"), []))
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:10/api"}):
        assert tell(lambda _: "here").value == "here"


@pytest.mark.parametrize(("error", "times"), [(httpx.ReadTimeout("5 s"), 4), (httpx.ConnectError("refused"), 1), (OSError("busy"), 4)])
def test_what_a_run_needs_is_asked_again_unless_nobody_is_there(error: Exception, times: int) -> None:
    tell(failing(httpx.ReadTimeout("5 s"), []))
    asked: list[int] = []
    ask(failing(error, asked))
    assert len(asked) == times


def test_a_busy_server_is_told_again() -> None:
    asked: list[int] = []
    for _ in range(2):
        tell(failing(OSError("database is locked"), asked))
    assert len(asked) == 8
