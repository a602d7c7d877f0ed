"""featurization: custom, as recipes and schemas; law: what cannot be done as asked is refused with its YAML path, never left undone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import pandas as pd

from bakeoff.data.schema import Column, Schema
from bakeoff.errors import DataError, ParamsError, nearest
from bakeoff.features import category_order
from bakeoff.features.card import FeaturizerCard, Imputation, RecipeCard, any_column
from bakeoff.features.filling import constant_of
from bakeoff.features.recipes import FEATURIZERS, few, few_of_no_order, get_featurizer, get_recipe
from bakeoff.params.featurization import FeaturizationParams

__all__ = ["check_featurizers", "custom_schema", "customized", "stand_in"]


def check_featurizers(asked: FeaturizationParams) -> None:
    """Resolves the names and parameters of featurizers. Raises ParamsError with the YAML path."""
    names = [card.name for card in FEATURIZERS]
    for where, given in (
        ("featurization.block", asked.block),
        ("featurization.add", asked.add),
        ("featurization.parameters", tuple(asked.parameters)),
    ):
        for name in given:
            if name not in names:
                raise ParamsError("there is no such featurizer", where=where, given=name, remedy=nearest(name, names))
    _check_added(asked)
    told = [column for column, order in asked.orders.items() if order]
    if told and category_order.CARD.name in asked.block:
        where, remedy = f"featurization.orders.{told[0]}", "take category_order out of featurization.block, or the order out"
        raise ParamsError("category_order is blocked, and nothing else looks at an order", where=where, remedy=remedy)
    for name, values in asked.parameters.items():
        where = f"featurization.parameters.{name}"
        if name in asked.block:
            raise ParamsError("a blocked featurizer has no parameters", where=where, remedy="take it out of featurization.block")
        _check_parameters(get_featurizer(name), values, where)


def customized(recipe: str, asked: FeaturizationParams) -> RecipeCard:
    """The recipe as params want it: stand-ins for blocked featurizers, parameters, imputation."""
    card = get_recipe(recipe)
    if asked.mode != "custom":
        return card
    chosen = {name: stand_in(name, asked.block) for name in card.featurizers}
    imputation = {name: Imputation(wish.strategy, wish.indicator) for name, wish in asked.imputation.items()}
    rules: dict[str, list[Callable[[Column], bool]]] = {}
    for name in card.featurizers:
        rules.setdefault(chosen[name], []).append(_rule(card, name, asked.block))
    rules |= {name: [any_column] for name in asked.add if card.featurizers}
    return replace(
        card,
        featurizers=tuple(name for name in rules if name),
        only={name: partial(_any_of, tuple(found)) for name, found in rules.items() if name},
        parameters={name: _whole_as_int(get_featurizer(name), values) for name, values in asked.parameters.items()},
        imputation=imputation,
    )


def _rule(card: RecipeCard, name: str, blocked: tuple[str, ...]) -> Callable[[Column], bool]:
    """Which columns a recipe's featurizer has; category_codes those too whose order is blocked."""
    rule = card.only.get(name, any_column)
    return few if rule is few_of_no_order and category_order.CARD.name in blocked else rule


def _whole_as_int(card: FeaturizerCard, values: Mapping[str, int | float]) -> dict[str, int | float]:
    """The values, 10.0 as 10 where a whole number is wanted."""
    return {name: int(value) if card.parameters[name].whole else value for name, value in values.items()}


def _any_of(rules: tuple[Callable[[Column], bool], ...], column: Column) -> bool:
    """Whether a featurizer shall have a column, for itself or for one that it stands in for."""
    return any(rule(column) for rule in rules)


def stand_in(name: str, blocked: tuple[str, ...]) -> str:
    """The featurizer itself, or where it is blocked the next one that takes the same kinds of columns; empty where none does.

    What only adds to another featurizer has no stand-in and is none; nor is what is sparse.
    """
    asked = get_featurizer(name)
    if name not in blocked or asked.adds or asked.sparse:
        return "" if name in blocked else name
    alike = [card.name for card in FEATURIZERS if card.kinds == asked.kinds and not card.adds and not card.sparse]
    place = alike.index(name)
    return next((other for other in (*alike[place:], *alike[:place]) if other not in blocked), "")


def custom_schema(schema: Schema, asked: FeaturizationParams) -> Schema:
    """The schema, its categories joined by the constants that fill them. Raises DataError where it does not let a wish be carried out."""
    columns = {column.name: column for column in schema.columns}
    dropped = {column.name: column.reason for column in schema.dropped}
    for name, wish in asked.imputation.items():
        where = f"featurization.imputation.{name}"
        if name in dropped:
            raise DataError("a column that is left out is not filled", where=where, given=dropped[name])
        if name not in columns:
            raise DataError("no such column to learn from", where=where, given=name, remedy=nearest(name, columns))
        columns[name] = _fillable(columns[name], wish.strategy, where)
    for name, order in asked.orders.items():
        columns[name] = _ordered(name, order, columns, dropped)
    for where, names in (("featurization.parameters", tuple(asked.parameters)), ("featurization.add", asked.add)):
        for card in map(get_featurizer, names):
            if not any(column.kind in card.kinds and card.takes(column) for column in columns.values()):
                what = f"the table has no {' or '.join(card.kinds)} column that {card.name} takes"
                raise DataError(what, where=f"{where}.{card.name}", remedy="take it out")
    return replace(schema, columns=tuple(columns.values()))


def _ordered(name: str, order: tuple[str, ...], columns: Mapping[str, Column], dropped: Mapping[str, str]) -> Column:
    where, column = f"featurization.orders.{name}", columns.get(name)
    if name in dropped:
        raise DataError("a column that is left out has no order", where=where, given=dropped[name])
    if column is None:
        raise DataError("no such column to learn from", where=where, given=name, remedy=nearest(name, columns))
    if column.kind != "categorical":
        remedy = "take it out, or make it categorical by featurization.kinds"
        raise DataError("only categories have an order to be told", where=where, given=f"a {column.kind} column", remedy=remedy)
    unknown = [word for word in order if word not in column.categories]
    if unknown:
        raise DataError("the column has no such category", where=where, given=unknown[0], remedy=nearest(unknown[0], column.categories))
    if len(set(order)) < len(order) or len(order) == 1:
        raise DataError("an order is of two categories or more, each once", where=where, given=", ".join(order), allowed="[] for no order")
    return replace(column, order=order)


def _fillable(column: Column, strategy: str, where: str) -> Column:
    words = column.kind in ("categorical", "text", "list")
    if words and strategy in ("mean", "median"):
        raise DataError(f"a {column.kind} column has no {strategy}", where=where, given=strategy, allowed="most_frequent, constant:VALUE")
    if not strategy.startswith("constant:"):
        return column
    value = constant_of(column, strategy.removeprefix("constant:"))
    if pd.isna(value):
        raise DataError(f"this constant cannot be read as {column.kind}", where=where, given=strategy)
    if column.kind == "categorical" and value not in column.categories:
        return replace(column, categories=(*column.categories, str(value)))
    return column


def _check_added(asked: FeaturizationParams) -> None:
    for name in asked.add:
        if name in asked.block or get_featurizer(name).sparse:
            why = "is in featurization.block too" if name in asked.block else "is read by linear models alone"
            allowed = ", ".join(card.name for card in FEATURIZERS if not card.sparse and card.name not in asked.block)
            raise ParamsError("this featurizer cannot be added", where="featurization.add", given=f"{name}, which {why}", allowed=allowed)


def _check_parameters(card: FeaturizerCard, values: Mapping[str, int | float], where: str) -> None:
    for name, value in values.items():
        known = card.parameters.get(name)
        if known is None:
            remedy = nearest(name, card.parameters) if card.parameters else f"{card.name} has no parameters"
            raise ParamsError("there is no such parameter", where=where, given=name, remedy=remedy)
        if not known.low <= value <= known.high or (known.whole and value != int(value)):
            allowed = f"{'a whole number' if known.whole else 'a number'} from {known.low:g} to {known.high:g}"
            raise ParamsError("wrong value", where=f"{where}.{name}", given=value, allowed=allowed)
