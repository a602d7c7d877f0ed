"""What a person sees of a run; law: it reads snapshots and run folders, and never changes a result or stops a run."""

from bakeoff.reporting.guardrails import guardrails_table
from bakeoff.reporting.leaderboard import counts_line, leaderboard_table, metrics_tables, number, open_console
from bakeoff.reporting.summary import summary_markdown
from bakeoff.reporting.terminal import watch_terminal

__all__ = [
    "counts_line",
    "guardrails_table",
    "leaderboard_table",
    "metrics_tables",
    "number",
    "open_console",
    "summary_markdown",
    "watch_terminal",
]
