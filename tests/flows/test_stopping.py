"""The first Ctrl-C, heard in the process itself; the second is tested on the road."""

import os
import signal
import time
from pathlib import Path

import pytest

from bakeoff.params import read_params
from bakeoff.runs import RunFolder
from bakeoff.search import begin_run
from tasks.stopping import stopping_on_signals


def asked_to_stop(run: Path) -> str:
    """Why the run is asked to stop, once it is."""
    deadline = time.monotonic() + 120
    while not (run / "stop").exists() or not (run / "stop").read_text():
        assert time.monotonic() < deadline, sorted(path.name for path in run.iterdir())
        time.sleep(0.01)
    return (run / "stop").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_the_run_to_stop(tmp_path: Path, number: signal.Signals, capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(number)
    with stopping_on_signals(RunFolder(tmp_path)):
        os.kill(os.getpid(), number)
        assert asked_to_stop(tmp_path) == f"stopped by {number.name}"
    assert "what is there is being published" in capfd.readouterr().err
    assert signal.getsignal(number) is before


def test_a_signal_after_the_end_stops_no_run(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """As while it is pushed, also where an earlier one had stopped the run."""
    run = begin_run(read_params("params/small.yaml"), root=Path("data/runs"))
    with stopping_on_signals(run):
        os.kill(os.getpid(), signal.SIGINT)
        assert asked_to_stop(run.path) == "stopped by SIGINT"
        run.close("stopped", "stopped by SIGINT")
        capfd.readouterr()
        os.kill(os.getpid(), signal.SIGINT)
    assert capfd.readouterr().err == "\nthe run has ended; once more (Ctrl-C) ends at once what is still going on\n"
