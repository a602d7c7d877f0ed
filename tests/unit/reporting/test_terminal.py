import io
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from bakeoff.evaluation import METRICS
from bakeoff.reporting import leaderboard_table, metrics_tables, open_console, watch_terminal
from bakeoff.reporting.terminal import clock_line


def snapshot(board: dict[str, Any], **changes: Any) -> Any:
    facts = {"elapsed_seconds": 62.0, "left_seconds": 58.0, "doing": "training knn-1", "done": 2, "failed": 1, "skipped": 0, "planned": 4}
    progress = SimpleNamespace(**{**facts, "best_name": "lightgbm-a", "best_score": 0.9876, **changes})
    return SimpleNamespace(leaderboard=board, progress=progress, guardrails=())


def test_the_clock_says_elapsed_left_and_what_is_done(board: dict[str, Any]) -> None:
    line = "1:02 elapsed / 0:58 left / training knn-1 | 2 done, 1 failed, 0 skipped of 4 planned"
    assert clock_line(snapshot(board).progress) == line
    assert clock_line(snapshot(board).progress, since=3).startswith("1:05 elapsed / 0:55 left / ")
    assert clock_line(snapshot(board).progress, since=90).startswith("2:32 elapsed / 0:00 left / ")


@pytest.mark.parametrize(("planned", "left"), [(4, "1 trial left"), (9, "6 trials left"), (None, "no time limit")])
def test_without_a_time_limit_it_counts_trials(board: dict[str, Any], planned: int | None, left: str) -> None:
    assert f" / {left} / " in clock_line(snapshot(board, left_seconds=None, planned=planned).progress)


def test_plain_lines_come_only_when_something_changed(board: dict[str, Any]) -> None:
    out = io.StringIO()
    with watch_terminal(open_console(out)) as show:
        show(snapshot(board))
        show(snapshot(board, elapsed_seconds=70.0))
        show(snapshot(board, done=3))
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].endswith("| best lightgbm-a 0.9876")
    assert "\x1b" not in out.getvalue()


def test_a_terminal_gets_the_table_and_the_clock(board: dict[str, Any]) -> None:
    out = io.StringIO()
    with watch_terminal(Console(file=out, force_terminal=True, width=120, height=40)) as show:
        show(snapshot(board, left_seconds=58.9))
    text = out.getvalue()
    assert "AUC_weighted (greater is better)" in text
    assert "lightgbm-aaaaaaaaaa" in text
    assert "1:02 elapsed / 0:58 left" in text


def test_before_the_first_trial_there_is_a_clock_alone(board: dict[str, Any]) -> None:
    out = io.StringIO()
    with watch_terminal(Console(file=out, force_terminal=True, width=120, height=40)) as show:
        show(snapshot({**board, "rows": []}))
    assert "elapsed" in out.getvalue()
    assert "greater is better" not in out.getvalue()


def test_the_table_takes_names_and_reasons_as_they_are(board: dict[str, Any]) -> None:
    out = io.StringIO()
    open_console(out).print(leaderboard_table(board))
    assert "[red]it | took too much[/]" in out.getvalue()


def test_a_limit_says_how_many_are_left_out(board: dict[str, Any]) -> None:
    out = io.StringIO()
    open_console(out).print(leaderboard_table(board, limit=1))
    assert "… and 1 more" in out.getvalue()
    assert "baseline" not in out.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_guardrails_are_told_once_alerts_first(board: dict[str, Any], terminal: bool) -> None:
    checks = (
        {"name": "memory", "state": "Passed", "seen": "all fits", "done": ""},
        {"name": "class balance", "state": "Alerted", "seen": "p: 3, q: 997", "done": "add rows"},
    )
    out, shown = io.StringIO(), snapshot(board)
    shown.guardrails = checks
    with watch_terminal(Console(file=out, force_terminal=terminal, width=120)) as show:
        show(snapshot(board, done=0))
        show(shown)
        shown.progress.done = 3
        show(shown)
    said = out.getvalue()
    assert said.count("all fits") == 1
    assert said.index("p: 3, q: 997") < said.index("all fits")


def test_latency_and_size_stand_beside_the_score_where_they_were_measured(board: dict[str, Any]) -> None:
    board["rows"][0] |= {"latency_1000_p50_ms": 125.0, "size_mb": 3.5, "reason": "too slow: 0.125 ms per row"}
    out = io.StringIO()
    open_console(out).print(leaderboard_table(board))
    _, heading, first, second, *_ = (line.split() for line in out.getvalue().splitlines())
    assert heading[-4:] == ["s", "ms/row", "MB", "recipe"]
    assert first[5:] == ["0.125", "3.50", "codes:", "too", "slow:", "0.125", "ms", "per", "row"]
    assert second[5:] == ["–", "–", "codes"]


@pytest.mark.parametrize("width", [160, 80])
def test_metrics_stand_in_blocks_that_cut_nothing(board: dict[str, Any], width: int) -> None:
    metrics = ["AUC_weighted", *sorted(card.name for card in METRICS if "classification" in card.tasks and card.name != "AUC_weighted")]
    names = [f"{algorithm}-{number:010x}" for number in range(11) for algorithm in ("hist_gradient_boosting", "logistic_regression")]
    scores = dict.fromkeys(metrics, 0.5)
    board["rows"] = [{**board["rows"][0], "rank": rank, "name": name, "scores": scores} for rank, name in enumerate(names, 1)]
    out = io.StringIO()
    console = open_console(out)
    console.width = width
    tables = metrics_tables(board, width)
    for table in tables:
        console.print(table)
    lines = [line.split() for line in out.getvalue().splitlines()]
    headings = [line for line in lines if line[0] == "name"]
    assert [metric for heading in headings for metric in heading[1:]] == metrics
    assert [line[0] for line in lines] == ["name", *names] * len(tables)
    assert [len(line) for line in lines] == [len(heading) for heading in headings for _ in range(len(names) + 1)]
    assert len(tables) <= (6 if width == 160 else 26)


def test_metrics_on_a_screen_too_narrow_are_folded(board: dict[str, Any]) -> None:
    board["rows"][0]["scores"] = {"normalized_root_mean_squared_error": 0.25}
    out = io.StringIO()
    console = open_console(out)
    console.width = 30
    (table,) = metrics_tables(board, console.width, limit=1)
    console.print(table)
    assert "…" not in out.getvalue()
    assert "0.2500" in out.getvalue()
