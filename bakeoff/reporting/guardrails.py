"""Guardrails on the terminal; law: every check is counted, and what was found is told before any training."""

from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

__all__ = ["guardrails_table"]

STYLES = {"Alerted": "bold yellow", "Done": "cyan", "Passed": "dim"}


def guardrails_table(found: Sequence[Mapping[str, str]]) -> Table:
    """All checks, alerts first, in the order of the run's folder otherwise: name, state, what was seen, what is done."""
    table = Table(title="Guardrails", title_justify="left", box=None, pad_edge=False, header_style="bold")
    for heading in ("check", "state", "seen", "done"):
        table.add_column(heading, no_wrap=heading in ("check", "state"))
    for check in sorted(found, key=lambda check: list(STYLES).index(check["state"]) != 0):
        cells = (Text(check[part]) for part in ("name", "state", "seen", "done"))
        table.add_row(*cells, style=STYLES[check["state"]])
    return table
