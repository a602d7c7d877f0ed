"""The live leaderboard on a terminal; law: one clock (elapsed / left / doing what), plain lines where there is no terminal."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from bakeoff.reporting.guardrails import guardrails_table
from bakeoff.reporting.leaderboard import counts_line, leaderboard_table, number, open_console

if TYPE_CHECKING:
    from bakeoff.search import Progress, Snapshot

__all__ = ["clock_line", "clock_time", "watch_terminal"]

ROWS_BESIDE_TABLE = 8
REFRESHES_PER_SECOND = 4


@contextmanager
def watch_terminal(console: Console | None = None) -> Iterator["Callable[[Snapshot], None]"]:
    """Gives the function that shows a snapshot: a leaderboard that rewrites itself and goes at the end, or a line at each change."""
    console = console or open_console()
    if not console.is_terminal:
        yield _Lines(console).show
        return
    screen = _Screen(console)
    with Live(get_renderable=screen.render, console=console, refresh_per_second=REFRESHES_PER_SECOND, transient=True):
        yield screen.show


class _Guardrails:
    """One block, as soon as the data was looked at."""

    def __init__(self, console: Console) -> None:
        self.console, self.told = console, False

    def show(self, snapshot: "Snapshot") -> None:
        if snapshot.guardrails and not self.told:
            self.told = True
            self.console.print(guardrails_table(snapshot.guardrails))


class _Screen:
    """The newest snapshot; between two snapshots its clock goes on."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.guardrails = _Guardrails(console)
        self.snapshot: Snapshot | None = None
        self.seen = time.monotonic()

    def show(self, snapshot: "Snapshot") -> None:
        self.guardrails.show(snapshot)
        self.snapshot, self.seen = snapshot, time.monotonic()

    def render(self) -> Group | Text:
        if self.snapshot is None:
            return Text("starting")
        clock = Text(
            clock_line(self.snapshot.progress, since=time.monotonic() - self.seen), style="cyan", overflow="ellipsis", no_wrap=True
        )
        if not self.snapshot.leaderboard.get("rows"):
            return Group(clock)
        rows = max(3, self.console.height - ROWS_BESIDE_TABLE)
        counts = Text(counts_line(self.snapshot.leaderboard["counts"]), style="dim")
        return Group(leaderboard_table(self.snapshot.leaderboard, limit=min(rows, 15)), counts, clock)


class _Lines:
    """One line whenever something other than the time changed."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.guardrails = _Guardrails(console)
        self.last: object = None

    def show(self, snapshot: "Snapshot") -> None:
        progress = snapshot.progress
        now = (progress.doing, progress.done, progress.failed, progress.skipped, progress.best_name)
        if now == self.last:
            return
        self.guardrails.show(snapshot)
        self.last = now
        line = clock_line(progress)
        if progress.best_name:
            line += f" | best {progress.best_name} {number(progress.best_score)}"
        self.console.print(Text(line), soft_wrap=True)


def clock_line(progress: "Progress", since: float = 0.0) -> str:
    """`elapsed / left / doing what`, `since` seconds after the snapshot was taken."""
    counts = {"done": progress.done, "failed": progress.failed, "skipped": progress.skipped, "planned": progress.planned}
    if progress.left_seconds is not None:
        left = f"{clock_time(max(0.0, progress.left_seconds - since))} left"
    elif progress.planned is not None:
        trials = max(0, progress.planned - progress.done - progress.failed - progress.skipped)
        left = f"{trials} trial{'s' if trials != 1 else ''} left"
    else:
        left = "no time limit"
    return f"{clock_time(progress.elapsed_seconds + since)} elapsed / {left} / {progress.doing} | {counts_line(counts)}"


def clock_time(seconds: float) -> str:
    """`0:07`, `12:40`, `1:02:03`.

    >>> clock_time(3723.4)
    '1:02:03'
    """
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
