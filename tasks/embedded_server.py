"""A Prefect server for one run, where none is configured; law: it hears no Ctrl-C, and dies with the run, even by kill -9."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from bakeoff.errors import RunError

__all__ = ["embedded_server", "wait_until_up"]

FOR_ONE_RUN = {"PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1", "PREFECT_UI_ENABLED": "0"}
"""As Prefect starts its own temporary server: no scheduler, no UI, and no server of its own."""
STARTUP_SECONDS = 300.0
"""It migrates its database the first time, which a busy machine with a slow disk takes minutes for; one that ended is not waited for."""
HOSTS = ("127.0.0.1", "localhost")


@contextmanager
def embedded_server() -> Iterator[tuple[str, Callable[[], None]]]:
    """Starts a server; gives its API's address, and `wait_until_up` for it. Prefect's own would survive a killed run."""
    port = _free_port()
    _go_past_proxies()
    life_read, life_write = os.pipe()
    command = [sys.executable, "-m", "tasks.embedded_server", str(port), str(life_read)]
    process = subprocess.Popen(
        command, pass_fds=(life_read,), env={**os.environ, **FOR_ONE_RUN}, stdin=subprocess.DEVNULL, start_new_session=True
    )
    os.close(life_read)
    try:
        api = f"http://127.0.0.1:{port}/api"
        yield api, partial(wait_until_up, api, process)
    finally:
        os.close(life_write)
        process.wait()


def wait_until_up(api: str, process: "subprocess.Popen[bytes]") -> None:
    """Returns when the server answers. Raises RunError, at once where its process has ended."""
    deadline, ended = time.monotonic() + STARTUP_SECONDS, None
    while time.monotonic() < deadline and ended is None:
        ended = process.poll()
        try:
            with urllib.request.urlopen(f"{api}/health", timeout=5):  # noqa: S310  (our own address)
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    given = "no answer in time" if ended is None else f"its process ended with code {ended}"
    remedy = "see its messages above; or start one: prefect server start"
    raise RunError("Prefect's server does not start", where=api, given=given, remedy=remedy)


def serve(port: int, life_handle: int) -> None:
    """Serves until the other end of the pipe closes, which happens however the run ends."""
    threading.Thread(target=_exit_at_end, args=(life_handle,), daemon=True).start()
    import uvicorn

    uvicorn.run("prefect.server.api.server:create_app", factory=True, host="127.0.0.1", port=port, log_level="error", lifespan="on")


def _exit_at_end(life_handle: int) -> None:
    """At once: SQLite keeps what was committed, and a polite end would wait for the services."""
    os.read(life_handle, 1)
    os._exit(0)


def _go_past_proxies() -> None:
    """A company's proxy (http_proxy) is not asked for this machine, whether no_proxy says so or not; where it is * none is asked."""
    for name in ("no_proxy", "NO_PROXY"):
        known = os.environ.get(name) or os.environ.get(name.swapcase(), "")
        if known.strip() == "*" or not urllib.request.getproxies_environment():
            continue
        os.environ[name] = ",".join([*filter(None, [known]), *(host for host in HOSTS if host not in known.split(","))])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
