"""A server that takes what it is told and says nothing: waited for once, and left alone for a while; slots and what is shown outlast it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from bakeoff.runs import RunFolder
from tasks import artifacts, asking, slots
from tasks import train_candidate as training
from tasks.asking import ask, tell
from tasks.slots import slot

now = [1000.0]


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody is asked, and no time goes by."""

    monkeypatch.setattr(asking, "get_client", lambda **_: None)
    monkeypatch.setattr(asking, "_made", {})
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


def test_who_asks_is_made_once_for_the_same_settings_and_asks_without_tries_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(asking, "get_client", lambda **_: made.append(1) or len(made))
    assert [ask(lambda client: (client, PREFECT_CLIENT_MAX_RETRIES.value())).value for _ in range(2)] == [(1, 0)] * 2
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:10/api"}):
        assert ask(lambda client: (client, PREFECT_API_URL.value())).value == (2, "http://127.0.0.1:10/api")
    assert ask(lambda client: client).value == 3
    assert PREFECT_CLIENT_MAX_RETRIES.value() > 0


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


class Server:
    """A server whose limits' slots are taken and given back, or not."""

    def __init__(self, take: Exception | None = None, release: Exception | None = None) -> None:
        self.take, self.release, self.asked = take, release, list[str]()

    def increment_concurrency_slots_with_lease(self, **_: Any) -> Any:
        self.asked.append("take")
        return self._answer(self.take)

    def release_concurrency_slots_with_lease(self, **_: Any) -> Any:
        self.asked.append("release")
        return self._answer(self.release)

    def _answer(self, failure: Exception | None) -> Any:
        if failure is not None:
            raise failure
        return SimpleNamespace(json=lambda: {"lease_id": "00000000-0000-0000-0000-000000000001"})


def served_by(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "get_client", lambda **_: server)
    monkeypatch.setattr(slots, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(slots, "_away_until", {})
    monkeypatch.setattr(slots, "_answered", {})
    monkeypatch.setattr(slots, "time", SimpleNamespace(monotonic=lambda: now[0]))


@pytest.mark.parametrize("failure", [httpx.ReadTimeout("5 s"), OSError("database is locked")])
def test_who_waits_for_a_slot_hears_after_each_try_that_nobody_wants_it(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(take=failure)
    served_by(server, monkeypatch)
    with slot("busy", lambda: "the search has ended" if server.asked else ""):
        assert server.asked == ["take"]
    assert server.asked == ["take"]


class Slow(Server):
    """A server that takes five seconds for each question."""

    def _answer(self, failure: Exception | None) -> Any:
        now[0] += 5
        return super()._answer(failure)


@pytest.mark.parametrize(
    ("failure", "asked"), [(httpx.ReadTimeout("5 s"), 13), (OSError("database is locked"), 13), (httpx.ConnectError("refused"), 4)]
)
def test_a_limit_outlasts_a_server_that_is_busy_for_longer_than_one_where_nobody_is(
    failure: Exception, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Slow(take=failure)
    served_by(server, monkeypatch)
    with slot("slow", str):
        assert server.asked == ["take"] * asked
    with slot("slow", str):
        assert server.asked == ["take"] * asked  # and is left alone for a while


def test_what_one_candidate_is_answered_keeps_the_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Slow(take=httpx.ReadTimeout("5 s"))
    served_by(server, monkeypatch)
    heard: list[int] = []

    def beside() -> str:
        if len(server.asked) == 10 and not heard:
            slots._answered["slow"] = now[0]
            heard.append(1)
        return ""

    with slot("slow", beside):
        assert len(server.asked) == 10 + 13


@pytest.mark.parametrize(("failure", "times"), [(None, 1), (httpx.ReadTimeout("5 s"), 1), (OSError("database is locked"), 4)])
def test_a_silent_server_is_told_once_that_a_slot_is_free(failure: Exception | None, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(release=failure)
    served_by(server, monkeypatch)
    with slot("free", str):
        assert server.asked == ["take"]
    assert server.asked == ["take", *["release"] * times]


def test_a_candidate_of_a_search_that_has_ended_waits_for_no_slot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def waiting(_: str, stopped: Callable[[], str]) -> Any:
        told.append(stopped())
        return nullcontext()

    session = SimpleNamespace(stopped=str, ended="the score is enough")
    monkeypatch.setattr(training, "search", SimpleNamespace(session_for=lambda _: session, train_candidate=lambda *_: None))
    monkeypatch.setattr(training, "slot", waiting)
    training.train_candidate.fn(str(tmp_path), {"id": "one"}, "busy")
    assert told == ["the score is enough"]


class Ui:
    """A server that takes what is to be shown, or is silent."""

    def __init__(self) -> None:
        self.silent, self.asked, self.taken = True, list[str](), list[str]()

    def showing(self, what: str) -> Any:
        def shown(_: Any) -> None:
            self.asked.append(what)
            if self.silent:
                raise httpx.ReadTimeout("5 s")
            self.taken.append(what)

        return shown


def test_what_a_silent_server_did_not_take_is_shown_at_the_end(tmp_path: Path) -> None:
    run, ui = RunFolder(tmp_path), Ui()
    for name, what in (("guardrails", "guardrails"), ("leaderboard", "early"), ("leaderboard", "late")):
        artifacts.show(run, name, ui.showing(what))
    assert ui.asked == ["guardrails"]  # the others are not even asked for
    ui.silent = False
    artifacts.show_what_waits(run)
    assert ui.taken == ["guardrails", "late"]
    artifacts.show_what_waits(run)
    assert ui.taken == ["guardrails", "late"]


def test_what_was_shown_later_is_not_shown_again(tmp_path: Path) -> None:
    run, ui = RunFolder(tmp_path), Ui()
    artifacts.show(run, "leaderboard", ui.showing("early"))
    ui.silent = False
    now[0] += asking.AWAY_SECONDS
    artifacts.show(run, "leaderboard", ui.showing("late"))
    artifacts.show_what_waits(run)
    assert ui.taken == ["late"]


def test_a_server_that_is_silent_to_the_end_is_asked_once_more_and_the_log_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(artifacts, "get_run_logger", lambda: logging.getLogger("run"))
    run, ui = RunFolder(tmp_path), Ui()
    for name in ("guardrails", "summary"):
        artifacts.show(run, name, ui.showing(name))
    artifacts.show_what_waits(run)
    assert ui.asked == ["guardrails"] * 2
    assert "ReadTimeout" in caplog.text
    assert caplog.text.strip().endswith(": guardrails, summary")
