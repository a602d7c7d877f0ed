"""The leaderboard as a terminal table; law: ranked rows first, what failed or was skipped is counted and never hidden."""

import math
import os
import sys
from collections.abc import Mapping, Sequence
from typing import IO, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bakeoff.runs.choosing import best_row

__all__ = ["counts_line", "leaderboard_table", "metrics_tables", "number", "open_console", "sizes"]

PLAIN_WIDTH = 160
"""Columns where nobody says how wide the output is: a file, a pipe, a log."""
BETWEEN = 2
"""Spaces between two columns of a table."""


def open_console(file: IO[str] | None = None) -> Console:
    """A console on `file` (stdout); wide where it is no terminal, so that nothing is cut."""
    console = Console(file=file or sys.stdout, highlight=False, soft_wrap=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PLAIN_WIDTH
    return console


def number(value: float | None, digits: int = 4) -> str:
    """A score as people compare it: `digits` decimals below 1000, significant digits above, a dash where there is none."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.{digits}f}" if abs(value) < 1000 else f"{value:.{digits + 3}g}"


def sizes(row: Mapping[str, Any]) -> tuple[str, str]:
    """Milliseconds per row, scoring 1,000 at once, and megabytes on disk; a dash where they were not measured."""
    whole, megabytes = row.get("latency_1000_p50_ms"), row.get("size_mb")
    return number(None if whole is None else whole / 1000, 3), number(megabytes, 2)


def counts_line(counts: Mapping[str, Any]) -> str:
    """`20 done, 1 failed, 0 skipped of 21 planned`."""
    line = ", ".join(f"{counts.get(state, 0)} {state}" for state in ("done", "failed", "skipped"))
    return f"{line} of {counts['planned']} planned" if counts.get("planned") else line


def leaderboard_table(board: Mapping[str, Any], limit: int | None = None) -> Table:
    """leaderboard.json as a table: the `limit` best rows, then the reasons of trials without a score; ≈ where tied with the best."""
    rows = board["rows"]
    ranked = [row for row in rows if row["rank"] is not None]
    unranked = [row for row in rows if row["rank"] is None]
    shown, best = ranked[:limit], best_row(rows)
    better = "greater" if board["greater_is_better"] else "smaller"
    table = Table(title=f"{board['metric']} ({better} is better)", title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.add_column("#", justify="right")
    table.add_column("name", no_wrap=True)
    for heading in ("score", "± folds", "fit s", "ms/row", "MB"):
        table.add_column(heading, justify="right")
    table.add_column("recipe")
    for row in shown:
        cells = (
            f"{'≈' if row.get('tied') and row['rank'] > 1 else ''}{row['rank']}",
            row["name"],
            number(row["score"]),
            number(row["std"]),
            number(row["fit_seconds"], 1),
            *sizes(row),
            ": ".join(filter(None, (row["recipe"], row["reason"]))),
        )
        table.add_row(*map(Text, cells), style="bold" if row is best else None)
    if len(ranked) > len(shown):
        table.add_row("", Text(f"… and {len(ranked) - len(shown)} more"), style="dim")
    for row in unranked[: limit and max(3, limit // 3)]:
        table.add_row(
            "", Text(row["name"]), Text(row["state"]), "", "", "", "", Text(row["reason"] or "", overflow="ellipsis"), style="dim"
        )
    return table


def metrics_tables(board: Mapping[str, Any], width: int, limit: int | None = None) -> list[Table]:
    """Every metric of the `limit` best rows, the primary one first; one line a row, as many metrics a table as stand in `width` columns."""
    ranked = [row for row in board["rows"] if row["rank"] is not None][:limit]
    metrics = sorted({metric for row in ranked for metric in row["scores"]}, key=lambda name: (name != board["metric"], name))
    scores = {metric: [number(row["scores"].get(metric)) for row in ranked] for metric in metrics}
    names = [row["name"] for row in ranked]
    blocks: list[list[str]] = []
    used = width
    for metric in metrics:
        needed = BETWEEN + max(map(len, (metric, *scores[metric])))
        if used + needed > width:
            blocks.append([])
            used = max(map(len, ("name", *names)))
        blocks[-1].append(metric)
        used += needed
    return [_metrics_table(names, {metric: scores[metric] for metric in block}) for block in blocks]


def _metrics_table(names: Sequence[str], scores: Mapping[str, Sequence[str]]) -> Table:
    """One table: a line for each name; on a screen too narrow for it, words are folded and never cut."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("name", overflow="fold")
    for metric in scores:
        table.add_column(Text(metric), justify="right", overflow="fold")
    for cells in zip(names, *scores.values(), strict=True):
        table.add_row(*map(Text, cells))
    return table
