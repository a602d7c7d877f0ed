"""Ctrl-C, SIGTERM and Prefect's Cancel; law: the first publishes what is there, the second ends the process, resumable."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from bakeoff.runs import RunFolder, attempt
from bakeoff.search import request_stop

__all__ = ["stopping_on_signals"]


@contextmanager
def stopping_on_signals(run: RunFolder) -> Iterator[None]:
    """Listens while the run is carried out; without effect outside the main thread, where Python hears no signals.

    Once the run has ended the first changes nothing here: a push that hangs hears Ctrl-C itself.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: dict[bool, int] = {False: 0, True: 0}

    def listen(number: int, _: FrameType | None) -> None:
        facts = attempt(run.facts).value
        ended = facts is not None and facts["state"] != "running"
        heard[ended] += 1
        if heard[ended] > 1:
            os.write(2, b"\nstopped at once" + (b"\n" if ended else b"; the same command goes on where it stopped\n"))
            os._exit(128 + number)
        if ended:
            os.write(2, b"\nthe run has ended; once more (Ctrl-C) ends at once what is still going on\n")
            return
        os.write(2, b"\nstopping: what is there is being published; once more (Ctrl-C) ends at once\n")
        reason = f"stopped by {signal.Signals(number).name}"
        threading.Thread(target=request_stop, args=(run, reason)).start()  # its lock may be held by the code interrupted here

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, listen) for number in numbers}
    try:
        yield
    finally:
        sys.stderr.flush()
        for number, handler in before.items():
            signal.signal(number, handler)
