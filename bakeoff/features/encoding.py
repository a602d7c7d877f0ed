"""Encoder: a recipe fitted on one table's training rows; law: the same raw row always becomes the same numbers."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data.schema import Schema
from bakeoff.errors import DataError
from bakeoff.features._reading import remembering
from bakeoff.features._work import Work
from bakeoff.features.card import Featurizer, FeaturizerCard, RecipeCard
from bakeoff.features.filling import Filler, fit_filler
from bakeoff.features.imputing import Imputer, fit_imputer
from bakeoff.features.recipes import get_featurizer, get_recipe
from bakeoff.features.scaling import Scaling, fit_scaler
from bakeoff.features.screening import screened
from bakeoff.features.target_transforms import fit_target_transform

__all__ = ["Block", "Encoder", "Rows", "encode", "fit_encoder"]


@dataclass(frozen=True)
class Encoder:
    """Conformed frame in, float64 C-order matrix out (a CSR array where some featurizer is sparse); picklable and small."""

    recipe: str
    featurizers: tuple[Featurizer, ...]
    imputer: Imputer | None
    scaler: Scaling | None
    names: tuple[str, ...]
    """One per matrix column."""
    sources: tuple[tuple[str, ...], ...]
    """The raw columns each matrix column was made of; of a component (pca, truncated_svd) those of the feature that weighs most."""
    codes: tuple[int, ...]
    """Matrix columns that hold category codes; none where they were scaled."""
    filler: Filler | None = None
    sparse: tuple[Featurizer, ...] = ()
    """Featurizers whose columns come last, neither filled nor scaled."""
    kept: np.ndarray | None = None
    """Places of the filled columns that the screen left in; all where it is None."""

    def transform(self, frame: pd.DataFrame, work: Work | None = None) -> Any:
        """The matrix of a conformed frame's rows, in their order. What others made of these very rows is in `work`, and not made again."""
        mine = Work() if work is None else work
        return mine.once((self,), lambda: self._transform(frame, mine))

    def _transform(self, frame: pd.DataFrame, work: Work) -> Any:
        filler = self.filler
        filled = work.once((filler,), lambda: filler.transform(frame)) if filler else frame
        with remembering(work.readings):
            dense, sparse = (
                [work.once((featurizer, filler), partial(featurizer.transform, filled)) for featurizer in featurizers]
                for featurizers in (self.featurizers, self.sparse)
            )
        return self.finish(frame, dense, sparse)

    def finish(self, frame: pd.DataFrame, dense: list[Any], sparse: list[Any]) -> Any:
        """The matrix of what the featurizers made of a frame's rows: indicators, imputation, screen and scaling applied."""
        blocks = [*dense, self.filler.indicators(frame)] if self.filler else dense
        matrix = _side_by_side(blocks, len(frame), own=bool(self.imputer or self.scaler))
        if self.imputer:
            matrix = self.imputer.transform(matrix, out=matrix)
        if self.kept is not None:
            matrix = matrix[:, self.kept]
        if self.scaler:
            matrix = self.scaler.transform(matrix, out=matrix)
        return _joined(matrix, sparse)


Block = tuple[Featurizer, Any]
"""A fitted featurizer and its features of all rows."""


def _made(_name: str, _shared: bool, make: Callable[[], Block]) -> Block:
    """Made where it is needed, kept nowhere."""
    return make()


@dataclass(frozen=True)
class Rows:
    """Conformed rows with their targets and groups, of which some are trained on."""

    frame: pd.DataFrame
    y: np.ndarray
    seed: int
    groups: np.ndarray | None = None
    train: np.ndarray | None = None
    """Places of the training rows; None where all are."""
    keep: Callable[[str, bool, Callable[[], Block]], Block] = _made
    """Gives the block of this name, made now or before: recipes that share a featurizer need its work on the same rows once.

    One that is said to be shared is the same whatever rows are trained on.
    """

    def training(self, values: Any) -> Any:
        """Of an array or frame of all rows the training rows; None of None."""
        if self.train is None or values is None:
            return values
        return values.iloc[self.train] if isinstance(values, pd.DataFrame) else values[self.train]

    def others(self) -> np.ndarray:
        """Places of the rows that are not trained on."""
        left = np.ones(len(self.frame), dtype=bool)
        left[slice(None) if self.train is None else self.train] = False
        return np.flatnonzero(left)


@dataclass
class _Fitted:
    """What the featurizers of a recipe learned and made of all rows, those that are sparse apart."""

    featurizers: list[Featurizer] = field(default_factory=list)
    blocks: list[Any] = field(default_factory=list)
    features: list[tuple[str, ...]] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)

    def add(self, card: FeaturizerCard, block: Block) -> None:
        featurizer, made = block
        self.featurizers.append(featurizer)
        self.blocks.append(made)
        if card.gives_codes:
            self.codes += range(len(self.features), len(self.features) + made.shape[1])
        self.features += featurizer.features()


def fit_encoder(
    recipe: str | RecipeCard, frame: pd.DataFrame, y: np.ndarray, schema: Schema, *, seed: int, groups: np.ndarray | None = None
) -> tuple[Encoder, Any]:
    """The encoder fitted on conformed training rows, and those rows' matrix.

    The matrix is not always what `transform` gives for the same rows: what looks at the target encodes training rows out of fold, those of
    one of `groups` together.
    Raises DataError where the recipe takes none of the schema's columns.
    """
    return encode(get_recipe(recipe) if isinstance(recipe, str) else recipe, schema, Rows(frame, y, seed, groups))


def encode(card: RecipeCard, schema: Schema, rows: Rows) -> tuple[Encoder, Any]:
    """The encoder fitted on the training rows, and the matrix of all rows: those as `fit_encoder` gives them, the others transformed.

    Raises DataError.
    """
    rows = _with_near_targets(rows)
    filler = fit_filler(card.imputation, rows.training(rows.frame), schema)
    dense, sparse = _fit_all(card, schema, rows, filler)
    features = [*dense.features, *(filler.features() if filler else ())]
    blocks = [*dense.blocks, filler.indicators(rows.frame)] if filler else dense.blocks
    matrix = _side_by_side(blocks, len(rows.frame), own=card.imputed or card.scaler is not None)
    training = rows.training(matrix) if card.imputed or card.screened or card.scaler else matrix  # a copy: all that follow learn from it
    imputer = fit_imputer(training, tuple(dense.codes)) if card.imputed else None
    if imputer:
        features += [(f"{features[column][0]} is missing", *features[column][1:]) for column in imputer.indicated]
        matrix, training = _imputed(imputer, matrix, training)
    kept = screened(training, rows.training(rows.y), rows.seed) if card.screened else None
    codes = tuple(dense.codes)
    if kept is not None:
        matrix, training = matrix[:, kept], training[:, kept]
        features = [features[place] for place in kept]
        codes = tuple(int(place) for place in np.flatnonzero(np.isin(kept, codes)))
    scaler = None
    if card.scaler and matrix.shape[1]:
        scaler = fit_scaler(card.scaler, training)
        matrix = scaler.transform(matrix, out=matrix)
        made = scaler.made_of()
        features = features if made is None else [(name.replace("{}", features[c][0]), *features[c][1:]) for name, c in made]
    features += sparse.features
    encoder = Encoder(
        recipe=card.name,
        featurizers=tuple(dense.featurizers),
        imputer=imputer,
        scaler=scaler,
        names=tuple(name for name, *_ in features),
        sources=tuple(tuple(sources) for _, *sources in features),
        codes=() if scaler else codes,
        filler=filler,
        sparse=tuple(sparse.featurizers),
        kept=kept,
    )
    return encoder, _joined(matrix, sparse.blocks)


def _with_near_targets(rows: Rows) -> Rows:
    """Values as estimators learn them without a transform: what is far from 0, very small or very large blurs in single precision, and a
    gain of such is infinite or none."""
    if rows.y.dtype.kind != "f":
        return rows
    shift = fit_target_transform("none", rows.training(rows.y))
    return rows if shift is None else replace(rows, y=shift.forward(rows.y))


def _fit_all(card: RecipeCard, schema: Schema, rows: Rows, filler: Filler | None) -> tuple[_Fitted, _Fitted]:
    """The recipe's featurizers fitted: those that give arrays, and those that are sparse. Raises DataError where there are none."""
    y, groups, rest = rows.training(rows.y), rows.training(rows.groups), rows.others()

    @cache
    def dealt() -> tuple[pd.DataFrame, pd.DataFrame]:
        """The training rows and the others, filled: not needed where all blocks were made before."""
        training, others = rows.training(rows.frame), rows.frame.iloc[rest]
        return (filler.transform(training), filler.transform(others)) if filler else (training, others)

    dense, sparse = _Fitted(), _Fitted()
    for choice in map(get_featurizer, card.featurizers):
        columns = card.columns_for(choice, schema)
        if columns:
            featurizer = choice.build(columns, **card.parameters.get(choice.name, {}))

            shared = choice.learns_from == "schema" and not card.imputation  # what fills the columns is learned from training rows

            def make(featurizer: Featurizer = featurizer, shared: bool = shared) -> Block:
                if shared:
                    return featurizer, featurizer.fit_transform(rows.frame, rows.y, rows.seed, rows.groups)
                training, others = dealt()
                made = featurizer.fit_transform(training, y, rows.seed, groups)
                return featurizer, made if rows.train is None else _merged(rows.train, made, rest, featurizer.transform(others))

            keep = _made if choice.sparse else rows.keep  # a sparse block is the recipe's matrix but for a few columns
            block = keep(json.dumps([choice.name, *(column.name for column in columns)]), shared, make)
            (sparse if choice.sparse else dense).add(choice, block)
    if card.featurizers and not dense.features and not sparse.features:
        kinds, some = ", ".join(sorted({c.kind for c in schema.columns})), dense.featurizers or sparse.featurizers
        what = f"recipe {card.name} {'finds no feature in the rows' if some else 'takes none of the columns'}"
        raise DataError(what, where="featurization.mode", given=f"columns of kind: {kinds}", remedy="use mode: auto")
    return dense, sparse


def _merged(train: np.ndarray, training: Any, rest: np.ndarray, others: Any) -> Any:
    """The rows of two matrices in their places."""
    if hasattr(training, "tocsr"):
        from scipy import sparse

        return sparse.csr_array(sparse.vstack([training, others], format="csr"))[np.argsort(np.concatenate([train, rest]))]
    matrix = np.empty((len(train) + len(rest), training.shape[1]))
    matrix[train], matrix[rest] = training, others
    return matrix


def _imputed(imputer: Imputer, matrix: np.ndarray, training: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both, in place; they may be one."""
    filled = imputer.transform(matrix, out=matrix)
    return filled, filled if training is matrix else imputer.transform(training, out=training)


def _side_by_side(blocks: list[np.ndarray], rows: int, *, own: bool) -> np.ndarray:
    """One matrix, which may be changed where it should be one's `own`."""
    if len(blocks) == 1 and not own:
        return blocks[0]
    return np.concatenate(blocks, axis=1) if blocks else np.empty((rows, 0))


def _joined(matrix: np.ndarray, blocks: list[Any]) -> Any:
    """The matrix with sparse blocks beside it; a CSR array where there are any."""
    if not blocks:
        return np.ascontiguousarray(matrix)
    from scipy import sparse

    return sparse.csr_array(sparse.hstack([sparse.csr_array(matrix), *blocks], format="csr"))
