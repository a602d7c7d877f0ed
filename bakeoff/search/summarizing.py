"""featurization_summary.json: what became of each raw column; law: names trace back to raw columns, and nothing is left out unsaid."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bakeoff.data import schema_from_json
from bakeoff.data.schema import Column, Schema, Target
from bakeoff.features import Encoder, RecipeCard, customized, get_featurizer
from bakeoff.params import RunParams
from bakeoff.runs import RunFolder

__all__ = ["has_features", "keep_features", "summarize_features"]

SUMMARY = "featurization_summary.json"


def has_features(run_path: Path, recipe: str) -> bool:
    """Whether it is kept already what the recipe makes of each raw column."""
    return RunFolder(run_path).has(f"features/{recipe}.json")


def keep_features(run_path: Path, recipe: str, encoder: Encoder) -> None:
    """Keeps what a recipe's encoder, as fitted on the first fold, makes of each raw column."""
    made: dict[str, list[str]] = {}
    for name, sources in zip(encoder.names, encoder.sources, strict=True):
        for source in sources:
            made.setdefault(source, []).append(name)
    RunFolder(run_path).write_json(f"features/{recipe}.json", made)


def summarize_features(run: RunFolder) -> dict[str, Any]:
    """Writes and gives the summary: mode, columns in the table's order of use, and by recipe that was used the features of each column."""
    schema, params = schema_from_json(run.read_json("schema.json")), run.params()
    made = {path.stem: run.read_json(f"features/{path.name}") for path in sorted((run.path / "features").glob("*.json"))}
    cards = {recipe: customized(recipe, params.featurization) for recipe in made}
    kept = [_column(column, made, cards, params) for column in schema.columns]
    left_out: list[dict[str, Any]] = [{"name": c.name, "kind": None, "dropped": c.reason, "recipes": {}} for c in schema.dropped]
    summary = {"mode": params.featurization.mode, "blocked": list(params.featurization.block), "columns": kept + left_out}
    run.write_json(SUMMARY, summary)
    return summary


def _column(
    column: Column, made: Mapping[str, Mapping[str, list[str]]], cards: Mapping[str, RecipeCard], params: RunParams
) -> dict[str, Any]:
    wish = params.featurization.imputation.get(column.name)
    recipes = {recipe: _made_of(column, cards[recipe], features, params.task) for recipe, features in made.items()}
    imputation = {} if wish is None else {"imputation": wish.strategy, "indicator": wish.indicator}
    return {"name": column.name, "kind": column.kind, "dtype": column.dtype, "dropped": "", **imputation, "recipes": recipes}


def _made_of(column: Column, card: RecipeCard, features: Mapping[str, list[str]], task: str) -> dict[str, Any]:
    """What a recipe makes of a column, by which featurizers, and why it makes nothing."""
    takers = _takers(card, column, task)
    made = features.get(column.name, [])
    why = "" if made else _why_nothing(card, takers)
    return {"featurizer": ", ".join(takers), "features": made, "dropped": why}


def _why_nothing(card: RecipeCard, takers: list[str]) -> str:
    if not takers:
        return "no featurizer of the recipe takes such a column"
    if card.screened:
        return "screened out: its features tell no more than shuffled ones"
    return "nothing could be made of it, such as where no word is in two rows"


def _takers(card: RecipeCard, column: Column, task: str) -> list[str]:
    """The featurizers that take the column, by name."""
    alone = Schema(task, Target("", ""), (column,))
    return [name for name in card.featurizers if card.columns_for(get_featurizer(name), alone)]
