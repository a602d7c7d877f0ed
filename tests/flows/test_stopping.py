"""The first Ctrl-C, heard in the process itself; the second is tested on the road."""

import os
import signal
import time
from pathlib import Path

import pytest

from bakeoff.runs import RunFolder
from tasks.stopping import stopping_on_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_the_run_to_stop(tmp_path: Path, number: signal.Signals, capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(number)
    with stopping_on_signals(RunFolder(tmp_path)):
        os.kill(os.getpid(), number)
        deadline = time.monotonic() + 5
        while not (tmp_path / "stop").exists() or not (tmp_path / "stop").read_text():
            assert time.monotonic() < deadline
    assert (tmp_path / "stop").read_text() == f"stopped by {number.name}"
    assert "what is there is being published" in capfd.readouterr().err
    assert signal.getsignal(number) is before
