"""Encoded folds: recipes that share a featurizer have it fitted once, and get what they would get alone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bakeoff.features import fit_encoder, linear_scores, spelling_components
from bakeoff.params import validate
from bakeoff.search import begin_run, prepare
from bakeoff.search import encoding as room
from bakeoff.search.encoding import EncodedFolds
from bakeoff.search.preparing import Prepared

JOBS = [f"{rank} {what}" for rank in range(12) for what in ("nurse", "driver", "cook", "clerk", "smith")]
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "size": RNG.normal(size=120),
        "job": pd.Series(
            [f"{rank} {what}" for rank in range(12) for what in ("nurse", "driver", "cook", "clerk", "smith")] * 2, dtype="str"
        ),
        "y": RNG.normal(size=120),
    }
)


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    content = {"name": "one", "task": "regression", "data": {"train": "a frame", "target": "y"}, "validation": {"folds": 3}}
    run = begin_run(validate(content), root=tmp_path, source=FRAME, own=False)
    run.lock.release()
    return prepare(run)


def counted(monkeypatch: pytest.MonkeyPatch, kind: type) -> list[int]:
    """Rows of every fit of a featurizer from now on; whatever it takes, its work is kept."""
    fits: list[int] = []
    learn = kind.fit_transform  # type: ignore[attr-defined]

    def fit_transform(self: object, frame: pd.DataFrame, *rest: object) -> np.ndarray:
        fits.append(len(frame))
        return np.asarray(learn(self, frame, *rest))

    monkeypatch.setattr(kind, "fit_transform", fit_transform)
    monkeypatch.setattr(room, "SLOW_SECONDS", 0.0)
    return fits


def test_folds_share_what_learns_from_the_schema(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    fits = counted(monkeypatch, spelling_components.SpellingComponents)
    for recipe in ("mixed", "crossed"):
        for number in range(len(prepared.folds)):
            EncodedFolds(prepared, 5).of(recipe, number)
    assert fits == [len(prepared.frame)]


def test_what_a_recipe_learns_from_is_told_once(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    told, asked = room.recipe_learns_from, list[str]()
    monkeypatch.setattr(room, "recipe_learns_from", lambda card, schema: asked.append(card.name) or told(card, schema))
    encoded = EncodedFolds(prepared, 5)
    for recipe in ("mixed", "quick", "mixed"):
        for number in range(len(prepared.folds)):
            encoded.of(recipe, number)
            assert encoded.has(recipe, number)
    assert [encoded.learns_from("mixed"), encoded.learns_from("quick")] == ["target", "rows"]
    assert asked == ["mixed", "quick"]


def test_recipes_share_what_was_slow_to_fit(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    fits = counted(monkeypatch, linear_scores.LinearScores)
    for recipe in ("mixed", "crossed", "one_hot+standard"):
        for number in range(len(prepared.folds)):
            EncodedFolds(prepared, 5).of(recipe, number)
    assert fits == [80, 80, 80]
    monkeypatch.undo()
    for recipe in ("crossed", "one_hot+standard"):
        for number, fold in enumerate(prepared.folds):
            encoder, matrix = EncodedFolds(prepared, 5).of(recipe, number)
            alone, training = fit_encoder(recipe, prepared.frame.iloc[fold.train], prepared.target[fold.train], prepared.schema, seed=5)
            np.testing.assert_array_equal(matrix[fold.train], training)
            np.testing.assert_array_equal(matrix[fold.valid], alone.transform(prepared.frame.iloc[fold.valid]))
            assert encoder.names == alone.names


def test_what_another_process_makes_is_waited_for_and_not_made_again(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    fits = counted(monkeypatch, linear_scores.LinearScores)
    held, locked = room.lock_file, []

    @contextmanager
    def lock_file(path: Path) -> Iterator[None]:
        """The lock, got at once by who asks first; for the next one, who made the folder meanwhile has let it go."""
        locked.append(path.name)
        with monkeypatch.context() as others:
            others.setattr(room, "lock_file", held)
            if len(locked) == 1:
                EncodedFolds(prepared, 5).of("mixed", 0)
        with held(path):
            yield

    monkeypatch.setattr(room, "lock_file", lock_file)
    encoder, matrix = EncodedFolds(prepared, 5).of("mixed", 0)
    assert fits == [80]
    assert locked == ["mixed-0.lock"]
    assert matrix.shape == (len(prepared.frame), len(encoder.names))


def test_a_recipe_s_lock_is_taken_before_its_blocks_and_all_are_free_again(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    held = room.lock_file

    @contextmanager
    def lock_file(path: Path) -> Iterator[None]:
        taken.append(path.name)
        with held(path):
            yield

    monkeypatch.setattr(room, "lock_file", lock_file)
    EncodedFolds(prepared, 5).of("mixed", 0)
    assert taken[0] == "mixed-0.lock"
    assert len(taken) > 1
    assert all(name.startswith("block-") for name in taken[1:])
    for name in taken:
        with open(prepared.path / "encoded" / name) as free:
            fcntl.flock(free, fcntl.LOCK_EX | fcntl.LOCK_NB)
    taken.clear()
    EncodedFolds(prepared, 5).of("mixed", 0)
    assert taken == []
