"""Reading texts: what is remembered changes no number."""

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from bakeoff.features import Readings, remembering
from bakeoff.features import _reading as room
from bakeoff.features._reading import fit_terms, read_terms

TEXTS = [
    "Senior Nurse, ward 7",
    "nurse (senior), ward 12",
    "",
    "Clerk of the ward",
    "the the clerk",
    "Straße nach Süden 7",
    "strasse nach norden",
    "7",
    "Senior Nurse, ward 7",
]
NEW = ["a nurse nobody met", "", "ward ward clerk", "Norden"]
KINDS: dict[str, dict[str, Any]] = {
    "words": {"ngram_range": (1, 2), "min_df": 2, "sublinear_tf": True},
    "pieces": {"analyzer": "char_wb", "ngram_range": (3, 5), "min_df": 2, "sublinear_tf": True},
    "few": {"analyzer": "char_wb", "ngram_range": (2, 4), "dtype": np.float32, "max_features": 100_000},
}


@pytest.mark.parametrize("kind", KINDS)
def test_terms_are_those_of_scikit_learn(kind: str) -> None:
    known = TfidfVectorizer(**KINDS[kind])
    expected, expected_new = known.fit_transform(TEXTS), known.transform(NEW)
    vectorizer, readings = TfidfVectorizer(**KINDS[kind]), Readings()
    with remembering(readings):
        read_terms(known, NEW)  # what was read before changes nothing
        found = fit_terms(vectorizer, TEXTS)
        found_new = read_terms(vectorizer, NEW)
    assert list(vectorizer.vocabulary_) == sorted(known.vocabulary_)
    assert vectorizer.vocabulary_ == known.vocabulary_
    np.testing.assert_array_equal(vectorizer.idf_, known.idf_)
    for one, other in ((found, expected), (found_new, expected_new), (read_terms(vectorizer, NEW), expected_new)):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one.toarray(), other.toarray(), rtol=4 * np.finfo(one.dtype).eps)  # sums in another order


def test_a_vectorizer_fitted_anew_is_read_by_its_new_terms() -> None:
    vectorizer, readings = TfidfVectorizer(), Readings()
    with remembering(readings):
        fit_terms(vectorizer, TEXTS)
    fit_terms(vectorizer, NEW)  # by another reading
    with remembering(readings):
        found = [read_terms(vectorizer, TEXTS), read_terms(pickle.loads(pickle.dumps(vectorizer)), TEXTS)]
    for one in found:
        np.testing.assert_allclose(one.toarray(), TfidfVectorizer().fit(NEW).transform(TEXTS).toarray(), rtol=1e-14)


def test_the_most_frequent_terms_stay_the_first_in_order_of_equals() -> None:
    vectorizer = TfidfVectorizer(max_features=3, token_pattern=r"\w+")
    fit_terms(vectorizer, ["b a b d", "c b a", "e"])
    assert list(vectorizer.vocabulary_) == ["a", "b", "c"]


def test_without_a_term_nothing_is_learned() -> None:
    with pytest.raises(ValueError, match="no term is left"):
        fit_terms(TfidfVectorizer(min_df=2), ["one", "two"])


def test_a_text_is_taken_apart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(TfidfVectorizer, "build_tokenizer", lambda _: lambda text: read.append(text) or text.split())
    with remembering(Readings()):
        for some in (TEXTS[:5], TEXTS[2:]):
            fit_terms(TfidfVectorizer(lowercase=False), some)
    assert sorted(read) == sorted(set(TEXTS))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_BYTES", 500)
    readings = Readings()
    with remembering(readings):
        vectorizer = TfidfVectorizer()
        many = fit_terms(vectorizer, TEXTS).toarray()
        assert not readings._kept
        read_terms(vectorizer, TEXTS[3:4])
        assert readings._bytes == 6 * len(TEXTS[3]) + room.BYTES_PER_TEXT
    np.testing.assert_allclose(many, TfidfVectorizer().fit_transform(TEXTS).toarray(), rtol=1e-14)
