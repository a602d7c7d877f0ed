"""A Prefect server for one run, where none is configured; law: it hears no Ctrl-C, and dies with the run, even by kill -9."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from bakeoff.errors import RunError

__all__ = ["embedded_server", "wait_until_up"]

FOR_ONE_RUN = {"PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1", "PREFECT_UI_ENABLED": "0"}
"""As Prefect starts its own temporary server: no scheduler, no UI, and no server of its own."""
STARTUP_SECONDS = 120.0


@contextmanager
def embedded_server() -> Iterator[str]:
    """Starts a server and gives its API's address; wait for it with `wait_until_up`. Prefect's own would survive a killed run."""
    port = _free_port()
    life_read, life_write = os.pipe()
    command = [sys.executable, "-m", "tasks.embedded_server", str(port), str(life_read)]
    process = subprocess.Popen(
        command, pass_fds=(life_read,), env={**os.environ, **FOR_ONE_RUN}, stdin=subprocess.DEVNULL, start_new_session=True
    )
    os.close(life_read)
    try:
        yield f"http://127.0.0.1:{port}/api"
    finally:
        os.close(life_write)
        process.wait()


def wait_until_up(api: str) -> None:
    """Returns when the server answers. Raises RunError."""
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{api}/health", timeout=5):  # noqa: S310  (our own address, or the user's setting)
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RunError("Prefect's server does not start", where=api, remedy="see its messages above; or start one: prefect server start")


def serve(port: int, life_handle: int) -> None:
    """Serves until the other end of the pipe closes, which happens however the run ends."""
    threading.Thread(target=_exit_at_end, args=(life_handle,), daemon=True).start()
    import uvicorn

    uvicorn.run("prefect.server.api.server:create_app", factory=True, host="127.0.0.1", port=port, log_level="error", lifespan="on")


def _exit_at_end(life_handle: int) -> None:
    """At once: SQLite keeps what was committed, and a polite end would wait for the services."""
    os.read(life_handle, 1)
    os._exit(0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
