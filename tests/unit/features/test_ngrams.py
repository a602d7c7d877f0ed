"""Pieces of words and phrases: those that scikit-learn finds, as often as it finds them."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from bakeoff.features import Readings, _reading, remembering
from bakeoff.features._ngrams import phrases_of, pieces_of
from bakeoff.features._reading import fit_terms

WORDS = st.lists(st.text(min_size=1, max_size=9).filter(lambda text: len(text.split()) == 1 and text == text.strip()), min_size=1)


@settings(deadline=None, derandomize=True)  # libraries are loaded by the first example
@given(words=WORDS, lengths=st.sampled_from([(3, 5), (2, 4), (1, 1)]))
def test_pieces_are_those_of_scikit_learn(words: list[str], lengths: tuple[int, int]) -> None:
    analyze = CountVectorizer(analyzer="char_wb", ngram_range=lengths, lowercase=False).build_analyzer()
    pieces, counts = pieces_of(words, *lengths)
    assert len(set(pieces)) == len(pieces)
    for word, row in zip(words, counts.toarray(), strict=True):
        assert Counter(analyze(word)) == {pieces[place]: int(row[place]) for place in np.flatnonzero(row)}


@settings(deadline=None, derandomize=True)
@given(texts=st.lists(st.text("ab ß.\n\ud800", max_size=12), min_size=1), lengths=st.sampled_from([(1, 1), (1, 2), (2, 3)]))
def test_phrases_are_those_of_scikit_learn(texts: list[str], lengths: tuple[int, int]) -> None:
    vectorizer = CountVectorizer(ngram_range=lengths, token_pattern=r"\w+", lowercase=False)
    analyze, split = vectorizer.build_analyzer(), vectorizer.build_tokenizer()
    phrases, counts = phrases_of([split(text) for text in texts], *lengths)
    assert len(set(phrases)) == len(phrases)
    for text, row in zip(texts, counts.toarray(), strict=True):
        assert Counter(analyze(text)) == {phrases[place]: int(row[place]) for place in np.flatnonzero(row)}


def test_a_word_is_cut_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[str] = []
    monkeypatch.setattr(_reading, "pieces_of", lambda words, *lengths: cut.extend(words) or pieces_of(words, *lengths))
    from sklearn.feature_extraction.text import TfidfVectorizer

    with remembering(Readings()):
        for texts in (["the ward the", "The clerk", ""], ["a ward", "the clerk"]):
            fit_terms(TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)), texts)
    assert cut == ["the", "ward", "clerk", "a"]
