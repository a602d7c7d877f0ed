"""diff_expectations: what accepting a new suite would change; law: one line a person understands for each change."""

from collections.abc import Mapping
from typing import Any

__all__ = ["diff_expectations"]

SETS = ("value_set", "column_set")
MOST_SHOWN = 50


def diff_expectations(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Lines such as `age: range 18…90 → 18…140`, in the new suite's order, what is gone last; none where the suites expect the same."""
    before, after = _by_key(old), _by_key(new)
    lines = []
    for key, now in after.items():
        if key not in before:
            lines.append(f"{_subject(now)}: new: {_say(now)}")
        elif before[key] != now:
            lines.append(f"{_subject(now)}: {_change(before[key], now)}")
    lines += [f"{_subject(was)}: no longer: {_say(was)}" for key, was in before.items() if key not in after]
    return lines


def _by_key(suite: Mapping[str, Any]) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Kwargs by type, column and how often that was said before."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for expectation in suite["expectations"]:
        kwargs = {"type": expectation["type"], **expectation["kwargs"]}
        column, place = str(kwargs.get("column", "")), 0
        while (kwargs["type"], column, place) in found:
            place += 1
        found[kwargs["type"], column, place] = kwargs
    return found


def _subject(kwargs: Mapping[str, Any]) -> str:
    return str(kwargs.get("column") or "the table")


def _change(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Only what differs: bounds, sets or other words, and the share that must keep to them."""
    said = []
    if _say(was, share=False) != _say(now, share=False):
        names = next((key for key in SETS if key in now and key in was), "")
        if names:
            gone, come = _without(was[names], now[names]), _without(now[names], was[names])
            said.append(" ".join([_word(now)] + ([f"+ {', '.join(come)}"] if come else []) + ([f"− {', '.join(gone)}"] if gone else [])))
        else:
            said.append(f"{_say(was, share=False)} → {_say(now, share=False).removeprefix(_word(now) + ' ')}")
    if was.get("mostly", 1) != now.get("mostly", 1):
        said.append(f"{_share_word(now)} {_share(was)} → {_share(now)}")
    return "; ".join(said) or "other details"


_WORDS = {
    "expect_column_to_exist": "column",
    "expect_table_columns_to_match_set": "columns",
    "expect_table_row_count_to_be_between": "rows",
    "expect_column_values_to_be_between": "range",
    "expect_column_values_to_be_in_set": "categories",
    "expect_column_distinct_values_to_equal_set": "classes",
    "expect_column_values_to_be_in_type_list": "type",
    "expect_column_values_to_match_regex": "spelling",
    "expect_column_values_to_not_be_null": "missing",
}


def _word(kwargs: Mapping[str, Any]) -> str:
    kind = str(kwargs["type"])
    return _WORDS.get(kind, kind.removeprefix("expect_"))


def _say(kwargs: Mapping[str, Any], *, share: bool = True) -> str:
    """The expectation in words."""
    word = _word(kwargs)
    if word == "column":
        return word
    if word == "missing":
        return f"missing at most {_share(kwargs)}" if share else "missing"
    if word in ("range", "rows"):
        said = f"{word} {_bound(kwargs.get('min_value'))}…{_bound(kwargs.get('max_value'))}"
    elif names := next((kwargs[key] for key in SETS if key in kwargs), ()):
        more = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
        said = f"{word} {', '.join(map(str, names[:MOST_SHOWN]))}{more}"
    else:
        rest = [v for k, v in kwargs.items() if k not in ("type", "column", "mostly")]
        said = f"{word} {', '.join(', '.join(map(str, v)) if isinstance(v, list) else str(v) for v in rest)}".rstrip()
    return f"{said} ({_share(kwargs)})" if share and kwargs.get("mostly", 1) != 1 else said


def _without(some: list[object], others: list[object]) -> list[str]:
    known = {repr(value) for value in others}
    return [str(value) for value in some if repr(value) not in known]


def _bound(value: object) -> str:
    return "" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)


def _share_word(kwargs: Mapping[str, Any]) -> str:
    return "missing at most" if _word(kwargs) == "missing" else "share"


def _share(kwargs: Mapping[str, Any]) -> str:
    mostly = float(kwargs.get("mostly", 1))
    return f"{100 * (1 - mostly if _word(kwargs) == 'missing' else mostly):.4g} %"
