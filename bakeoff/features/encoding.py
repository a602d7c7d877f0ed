"""Encoder: a recipe fitted on one table's training rows; law: the same raw row always becomes the same numbers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bakeoff.data.schema import Schema
from bakeoff.errors import DataError
from bakeoff.features.card import Featurizer, RecipeCard
from bakeoff.features.filling import Filler, fit_filler
from bakeoff.features.imputing import Imputer, fit_imputer
from bakeoff.features.recipes import get_featurizer, get_recipe
from bakeoff.features.scaling import Scaling, fit_scaler

__all__ = ["Encoder", "fit_encoder"]


@dataclass(frozen=True)
class Encoder:
    """Conformed frame in, float64 C-order matrix out; picklable and small."""

    recipe: str
    featurizers: tuple[Featurizer, ...]
    imputer: Imputer | None
    scaler: Scaling | None
    names: tuple[str, ...]
    """One per matrix column."""
    sources: tuple[str, ...]
    """The raw column each matrix column was made of; of a component (pca, truncated_svd) the one that weighs most."""
    codes: tuple[int, ...]
    """Matrix columns that hold category codes; none where they were scaled."""
    filler: Filler | None = None

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        """The matrix of a conformed frame's rows, in their order."""
        filled = self.filler.transform(frame) if self.filler else frame
        blocks = [featurizer.transform(filled) for featurizer in self.featurizers]
        matrix = _side_by_side([*blocks, self.filler.indicators(frame)] if self.filler else blocks)
        if self.imputer:
            matrix = self.imputer.transform(matrix)
        if self.scaler:
            matrix = self.scaler.transform(matrix)
        return np.ascontiguousarray(matrix)


def fit_encoder(
    recipe: str | RecipeCard, frame: pd.DataFrame, y: np.ndarray, schema: Schema, *, seed: int, groups: np.ndarray | None = None
) -> tuple[Encoder, np.ndarray]:
    """The encoder fitted on conformed training rows, and those rows' matrix.

    The matrix is not always what `transform` gives for the same rows: what looks at the target encodes training rows out of fold, those of
    one of `groups` together.
    Raises DataError where the recipe takes none of the schema's columns.
    """
    card = get_recipe(recipe) if isinstance(recipe, str) else recipe
    filler = fit_filler(card.imputation, frame, schema)
    filled = filler.transform(frame) if filler else frame
    featurizers: list[Featurizer] = []
    blocks: list[np.ndarray] = []
    features: list[tuple[str, str]] = []
    codes: list[int] = []
    for choice in map(get_featurizer, card.featurizers):
        columns = tuple(c for c in schema.columns if c.kind in choice.kinds)
        if not columns:
            continue
        featurizers.append(choice.build(columns, **card.parameters.get(choice.name, {})))
        blocks.append(featurizers[-1].fit_transform(filled, y, seed, groups))
        if choice.gives_codes:
            codes += range(len(features), len(features) + blocks[-1].shape[1])
        features += featurizers[-1].features()
    if not features:
        kinds = ", ".join(sorted({c.kind for c in schema.columns}))
        what = f"recipe {card.name} takes none of the columns"
        raise DataError(what, where="featurization.mode", given=f"columns of kind: {kinds}", remedy="use mode: auto")
    if filler:
        blocks.append(filler.indicators(frame))
        features += filler.features()
    matrix = _side_by_side(blocks)
    imputer = fit_imputer(matrix, tuple(codes)) if card.imputed else None
    if imputer:
        matrix = imputer.transform(matrix)
        features += [(f"{features[column][0]} is missing", features[column][1]) for column in imputer.indicated]
    scaler = None
    if card.scaler:
        scaler = fit_scaler(card.scaler, matrix)
        matrix = scaler.transform(matrix)
        features = _components(card.scaler, scaler, features)
    kept = () if scaler else tuple(codes)
    names, sources = tuple(name for name, _ in features), tuple(source for _, source in features)
    return Encoder(card.name, tuple(featurizers), imputer, scaler, names, sources, kept, filler), np.ascontiguousarray(matrix)


def _components(name: str, scaler: Scaling, features: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Name and source of what a scaler gives: the columns' own, or numbered components."""
    loadings = scaler.loadings()
    if loadings is None:
        return features
    return [(f"{name}_{number}", features[int(np.abs(row).argmax())][1]) for number, row in enumerate(loadings, start=1)]


def _side_by_side(blocks: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(blocks, axis=1) if len(blocks) > 1 else blocks[0]
