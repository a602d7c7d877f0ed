"""The server of one run: where it is found, and that it did not start."""

import os
import subprocess
import sys
import urllib.request

import pytest

from bakeoff.errors import RunError
from tasks import embedded_server


@pytest.mark.parametrize("known", ["", "example.org", "127.0.0.1", "*"])
def test_a_proxy_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch, known: str) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example.org:3128")
    monkeypatch.setenv("NO_PROXY", "")  # so that it is put back
    monkeypatch.setenv("no_proxy", known)
    embedded_server._go_past_proxies()
    assert urllib.request.proxy_bypass("127.0.0.1")
    assert urllib.request.proxy_bypass("localhost")
    assert bool(urllib.request.proxy_bypass("example.org")) == (known in ("example.org", "*"))


def test_without_a_proxy_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    embedded_server._go_past_proxies()
    assert not [name for name in os.environ if name.lower().endswith("_proxy")]


def test_a_server_that_ended_is_told_at_once() -> None:
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    process.wait()
    with pytest.raises(RunError, match="Prefect's server does not start\n  given: its process ended with code 3"):
        embedded_server.wait_until_up("http://127.0.0.1:9/api", process)
