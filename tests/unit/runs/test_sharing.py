"""What predictors' encoders have in common is one object, and works on rows once."""

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bakeoff.data import conform
from bakeoff.features import _work as work
from bakeoff.features.spelling_components import SpellingComponents
from bakeoff.runs import MeanBlend, Predictor, StackingPredictor, TrialPredictor, load_predictor, save_predictor
from bakeoff.runs.sharing import ADDRESS
from tests.training import train

SPELLINGS = [f"{kind} {size}" for kind in ("chair", "table", "lamp", "shelf", "bed") for size in range(8)]


def table(rows: int = 240) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    words = rng.choice(SPELLINGS, rows)
    return pd.DataFrame(
        {"item": words, "a": rng.normal(size=rows), "y": [len(word) + a for word, a in zip(words, rng.normal(size=rows), strict=True)]}
    )


def _elsewhere(predictor: TrialPredictor, address: int) -> TrialPredictor:
    """As another process would have left it that scored with it: scikit-learn's vectorizers of words keep an address in memory."""
    featurizers = [featurizer for part in predictor.parts for featurizer in part.encoder.featurizers]
    unions = [union for featurizer in featurizers if isinstance(featurizer, SpellingComponents) for union, _ in featurizer.fitted]
    for union in unions:
        union.transform(["bed 7"])
    keeping = [vectorizer for union in unions for _, vectorizer in union.transformer_list if hasattr(vectorizer, ADDRESS)]
    assert keeping, f"scikit-learn keeps no {ADDRESS} any more: runs/sharing.py need not leave it out"
    for vectorizer in keeping:
        setattr(vectorizer, ADDRESS, address)
    return predictor


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory: pytest.TempPathFactory) -> tuple[Predictor, list[Predictor]]:
    """An ensemble written and read again, and its members as they were trained."""
    folder = tmp_path_factory.mktemp("sharing")
    trained = [train(table(), "y", folder / name, algorithm=name)[0] for name in ("lightgbm", "hist_gradient_boosting", "ridge")]
    copies = [pickle.loads(pickle.dumps(one)) for one in trained]
    members: list[Predictor] = [copies[0], *(_elsewhere(one, place) for place, one in enumerate(copies[1:]))]
    save_predictor(StackingPredictor("both", members[0].schema, members, MeanBlend((0.5, 0.3, 0.2))), folder, {})
    return load_predictor(folder / "both.pkl"), list(trained)


def test_equal_encoders_and_featurizers_are_one_and_say_what_they_said(ensemble: tuple[Predictor, list[Predictor]]) -> None:
    both, trained = ensemble
    frame = conform(table(), both.schema)
    expected = sum(weight * one.predict_raw(frame) for weight, one in zip((0.5, 0.3, 0.2), trained, strict=True))
    np.testing.assert_array_equal(both.predict_raw(frame), expected)
    encoders = {id(encoder): encoder for encoder in both.encoders()}
    assert len(list(both.encoders())) == 6
    assert len(encoders) == 4  # the boosters' recipe and ridge's, two folds each
    spellings = [f for e in encoders.values() for f in e.featurizers if isinstance(f, SpellingComponents)]
    assert len(spellings) == 4
    assert len({id(one) for one in spellings}) == 1  # learned from the schema: the same in every fold and recipe


def test_a_featurizer_works_on_rows_once(ensemble: tuple[Predictor, list[Predictor]], monkeypatch: pytest.MonkeyPatch) -> None:
    both, _ = ensemble
    looked: list[int] = []
    transform = SpellingComponents.transform

    def counted(self: SpellingComponents, frame: pd.DataFrame) -> np.ndarray:
        looked.append(len(frame))
        return transform(self, frame)

    monkeypatch.setattr(SpellingComponents, "transform", counted)
    frame = conform(table(), both.schema)
    whole = both.predict_raw(frame)
    assert looked == [240]
    monkeypatch.setattr(work, "MOST_CELLS", 1)
    np.testing.assert_allclose(both.predict_raw(frame), whole, rtol=1e-12)
    assert looked == [240, 100, 100, 40]
    assert both.predict_raw(frame[:0]).shape == (0,)


def test_what_differs_is_not_shared(tmp_path: Path) -> None:
    one = train(table(), "y", tmp_path / "a", algorithm="ridge")[0]
    other = train(table().assign(a=lambda frame: 2 * frame["a"]), "y", tmp_path / "b", algorithm="ridge")[0]
    said = other.predict_raw(conform(table(), other.schema))
    save_predictor(StackingPredictor("both", one.schema, [one, other], MeanBlend((0.0, 1.0))), tmp_path, {})
    both = load_predictor(tmp_path / "both.pkl")
    np.testing.assert_array_equal(both.predict_raw(conform(table(), both.schema)), said)
    assert isinstance(both, StackingPredictor)
    assert all(isinstance(member, TrialPredictor) for member in both.members)
