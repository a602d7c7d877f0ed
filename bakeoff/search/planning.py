"""From params to a held run, and from its data to a plan; law: names are resolved before anything heavy is imported."""

import time
from pathlib import Path
from typing import Any

import pandas as pd

from bakeoff.data import file_digest, store_dataset
from bakeoff.errors import ParamsError
from bakeoff.evaluation import is_own_metric, metric_file
from bakeoff.features import check_featurizers, customized, get_featurizer
from bakeoff.params import RunParams
from bakeoff.runs import Candidate, Origin, RunFolder, extend_plan, read_plan, start_run
from bakeoff.search.competing import check_names, competitors
from bakeoff.search.options import recipes_of
from bakeoff.search.preparing import Prepared
from bakeoff.search.proposing import LAG, known_candidates

__all__ = ["begin_run", "check_params", "digests_of_files", "files_beside", "make_plan"]


def check_params(params: RunParams) -> None:
    """Everything about params that can be told without data. Raises ParamsError."""
    if params.task == "forecasting":
        raise ParamsError("forecasting is not built yet", where="task", given="forecasting", allowed="classification, regression")
    check_names(params)
    _check_featurization(params)
    width = params.compute.max_concurrent_trials
    if width is not None and width > LAG:
        raise ParamsError("too many trials side by side", where="compute.max_concurrent_trials", given=width, allowed=f"1 … {LAG}")


def _check_featurization(params: RunParams) -> None:
    check_featurizers(params.featurization)
    _check_used(params, {recipe for card in competitors(params) for recipe in card.recipes}, "that competes uses")


def _check_used(params: RunParams, recipes: set[str], which: str) -> None:
    """Raises ParamsError where parameters are those of a featurizer that none of the recipes has: they would change nothing."""
    asked = params.featurization
    used = {name for recipe in recipes for name in customized(recipe, asked).featurizers}
    for name in asked.parameters:
        if name not in used:
            added = "" if get_featurizer(name).sparse else f"featurization.add: [{name}] puts it into every recipe; else "
            raise ParamsError(
                f"no algorithm {which} this featurizer",
                where=f"featurization.parameters.{name}",
                given=f"recipes {', '.join(sorted(recipes))}",
                allowed=", ".join(sorted(used)),
                remedy=f"{added}take its parameters out",
            )


def begin_run(
    params: RunParams,
    *,
    root: Path,
    overrides: dict[str, Any] | None = None,
    own: bool = True,
    source: str | Path | pd.DataFrame | None = None,
    started: float | None = None,
) -> RunFolder:
    """Stores the dataset (params.data.train, or `source`) in the run store and starts or resumes its run, held by this process.

    `started` is the time.time() from which limits.max_minutes counts. Raises ParamsError, DataError, RunBusyError, RunError.
    """
    check_params(params)
    stored = store_dataset(params.data.train if source is None else source, root / ".datasets", params.data.drop)
    files = digests_of_files(params)
    return start_run(params, root, Origin(stored.path, stored.digest, own, overrides or {}, started or time.time(), files=files))


def files_beside(params: RunParams) -> dict[str, Path]:
    """The files that decide, beside the table, what comes out, by the key that names them. Raises ParamsError."""
    metric, test = params.search.metric, params.data.test
    named = {
        "data.test": test if isinstance(test, str) else None,
        "validation.file": params.validation.file,
        "search.metric": metric_file(metric) if metric and is_own_metric(metric) else None,
    }
    return {key: Path(file) for key, file in named.items() if file is not None}


def digests_of_files(params: RunParams) -> dict[str, str]:
    """SHA-256 of `files_beside`, by key. Raises ParamsError, DataError."""
    return {key: file_digest(file) for key, file in files_beside(params).items()}


def make_plan(run: RunFolder) -> list[Candidate]:
    """The candidates known beforehand and, where the run is resumed, those proposed before; written to the run's plan.

    Raises ParamsError where params tell a featurizer something that is in no recipe for such a table.
    """
    plan = read_plan(run)
    if not plan:
        prepared = Prepared(run.path)
        offered = {recipe for card in competitors(run.params()) for recipe in recipes_of(card, prepared.facts)}
        _check_used(run.params(), offered, "has a recipe for such a table that uses")
        plan = known_candidates(run.params(), prepared.facts, len(prepared.folds))
        extend_plan(run, plan)
    return plan
