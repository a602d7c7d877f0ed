"""A dataset against its expectations, judged by great-expectations; law: the only file that knows GX, imported when needed."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from bakeoff.errors import ParamsError, nearest
from bakeoff.runs import Failure, attempt

__all__ = ["expectations_file", "judge", "read_expectations"]

FOLDER = Path("data") / "expectations"
EXAMPLES_SHOWN = 3
OWN_KWARGS = {"batch_id", "mostly"}


def expectations_file(experiment: str) -> Path:
    """Where an experiment's expectations are kept, in git."""
    return FOLDER / f"{experiment}.json"


def read_expectations(path: Path) -> dict[str, Any]:
    """The suite in a file edited by hand. Raises ParamsError."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ParamsError(
            "the expectations cannot be read", where=path, given=error, remedy="mend the file, or remove it to infer it anew"
        ) from error
    if not isinstance(content, dict) or not isinstance(content.get("expectations"), list):
        raise ParamsError("this is no expectation suite", where=path, allowed='{"name": …, "expectations": [{"type": …, "kwargs": {…}}]}')
    return content


def judge(frame: pd.DataFrame, suite: Mapping[str, Any], where: Path) -> tuple[list[str], int, str]:
    """What the frame breaks, one line each; how many expectations were asked; the result as HTML. Raises ParamsError."""
    import great_expectations as gx
    from great_expectations.core.expectation_suite import ExpectationSuite
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaPageView

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    expectations = [_expectation(entry, f"{where}: expectations[{place}]") for place, entry in enumerate(suite["expectations"])]
    page_of: Any = DefaultJinjaPageView()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    whole = context.data_sources.add_pandas("bakeoff").add_dataframe_asset("table").add_batch_definition_whole_dataframe("all")
    name = str(suite.get("name") or where.stem)
    verdicts: list[Any] = []
    for part, asked in _parts(frame, expectations):
        kept = context.suites.add(ExpectationSuite(name=f"{name}, part {len(verdicts) + 1}" if verdicts else name, expectations=asked))
        verdicts.append(whole.get_batch({"dataframe": part}).validate(kept))
    verdict = _together(verdicts)
    page = page_of.render(ValidationResultsPageRenderer().render(verdict))
    broken = [_line(result.to_json_dict()) for result in verdict.results if not result.success]
    return broken, len(expectations), str(page)


def _parts(frame: pd.DataFrame, expectations: list[Any]) -> list[tuple[pd.DataFrame, list[Any]]]:
    """What speaks of one column asks a frame of those columns alone: GX copies the whole frame for each metric of a column."""
    of_columns = [expectation for expectation in expectations if getattr(expectation, "column", None) is not None]
    of_table = [expectation for expectation in expectations if getattr(expectation, "column", None) is None]
    named = {expectation.column for expectation in of_columns}
    parts = [(frame[[name for name in frame.columns if name in named]], of_columns), (frame, of_table)]
    return [part for part in parts if part[1]] or [(frame, [])]


def _together(verdicts: list[Any]) -> Any:
    """One verdict of the parts' verdicts."""
    first, *others = verdicts
    for other in others:
        first.results += other.results
        first.success = first.success and other.success
        for counted in ("evaluated_expectations", "successful_expectations", "unsuccessful_expectations"):
            first.statistics[counted] += other.statistics[counted]
    if first.statistics["evaluated_expectations"]:
        share = first.statistics["successful_expectations"] / first.statistics["evaluated_expectations"]
        first.statistics["success_percent"] = 100 * share
    return first


def _expectation(entry: Any, where: str) -> Any:
    """One expectation made by itself: a suite would drop, with a log line, what it does not know."""
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.registry import list_registered_expectation_implementations as known

    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str) or not isinstance(entry.get("kwargs"), dict):
        raise ParamsError(
            "an expectation has a type and kwargs",
            where=where,
            given=entry,
            allowed='{"type": "expect_column_to_exist", "kwargs": {"column": "age"}}',
        )
    if entry["type"] not in known():
        raise ParamsError(
            "great-expectations knows no such expectation",
            where=f"{where}.type",
            given=entry["type"],
            remedy=nearest(entry["type"], known()),
        )
    made = attempt(
        lambda: ExpectationConfiguration(type=entry["type"], kwargs=entry["kwargs"], meta=entry.get("meta") or {}).to_domain_obj()
    )
    if made.failure is not None:
        raise ParamsError(
            f"{entry['type']} does not take these kwargs",
            where=f"{where}.kwargs",
            given=entry["kwargs"],
            allowed=_said(made.failure),
            remedy="mend the kwargs",
        )
    return made.value


def _said(failure: Failure) -> str:
    """Pydantic's message without its first line, which only counts."""
    return "; ".join(line.strip() for line in failure.message.splitlines()[1:] if line.strip()) or failure.message


def _line(result: Mapping[str, Any]) -> str:
    """What was expected and what was seen, on one line."""
    config, seen = result["expectation_config"], result.get("result") or {}
    kwargs = config["kwargs"]
    wanted = ", ".join(f"{k} {_short(v)}" for k, v in kwargs.items() if k not in {*OWN_KWARGS, "column"})
    subject = f"column {kwargs['column']!r}: " if "column" in kwargs else ""
    expected = f"{config['type']}{f' ({wanted})' if wanted else ''}"
    if kwargs.get("mostly", 1) != 1:
        expected += f" for at least {kwargs['mostly']:.2%} of the values"
    return f"{subject}{expected}: seen {_seen(result, seen)}"


def _seen(result: Mapping[str, Any], seen: Mapping[str, Any]) -> str:
    if raised := _raised(result.get("exception_info") or {}):
        return raised
    if missing := ((seen.get("details") or {}).get("mismatched") or {}).get("missing"):
        return f"without {_short(missing)}"
    if seen.get("unexpected_count"):
        examples = list(dict.fromkeys(map(str, seen.get("partial_unexpected_list") or [])))[:EXAMPLES_SHOWN]
        share = f"{seen['unexpected_count']} of {seen['element_count']} values ({seen['unexpected_percent']:.2f} %)"
        return f"{share} outside{', such as ' + ', '.join(examples) if examples and examples != ['None'] else ''}"
    return _short(seen["observed_value"]) if seen.get("observed_value") is not None else "nothing of the kind"


def _raised(info: Mapping[str, Any]) -> str:
    """GX puts what a metric raised either in the dictionary itself or one level down, by metric."""
    entries = [info] if "raised_exception" in info else [entry for entry in info.values() if isinstance(entry, Mapping)]
    return "; ".join(dict.fromkeys(str(entry["exception_message"]) for entry in entries if entry.get("raised_exception")))


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 120 else f"{text[:117]}..."
