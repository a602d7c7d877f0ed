"""Terms: every word, piece and category of the training rows is a feature, nothing else is, and zeros are not stored."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer, terms

TEXT = Column("said", "text", "str")
COLOUR = Column("colour", "categorical", "str", ("red", "blue"))
FRAME = pd.DataFrame(
    {
        "said": pd.Series(["good bread", "good rolls", "stale bread", None], dtype="str"),
        "colour": pd.Series(["red", "red", "blue", None], dtype="str"),
    }
)


def learned(*columns: Column, frame: pd.DataFrame = FRAME, **parameters: int) -> tuple[object, dict[str, np.ndarray]]:
    featurizer = get_featurizer("terms").build(columns, **parameters)
    matrix = featurizer.fit_transform(frame, np.zeros(len(frame)), 0)
    assert sparse.issparse(matrix)
    return featurizer, dict(zip([name for name, _ in featurizer.features()], matrix.toarray().T, strict=True))


def test_words_of_at_least_two_texts_are_features() -> None:
    _, features = learned(TEXT)
    assert [name for name in features if name.startswith("said.term=")] == ["said.term=bread", "said.term=good"]
    np.testing.assert_array_equal(features["said.term=good"] > 0, [True, True, False, False])
    np.testing.assert_array_equal(features["said.term=bread"] > 0, [True, False, True, False])


def test_pieces_of_at_least_three_texts_are_features() -> None:
    _, features = learned(TEXT, frame=FRAME.assign(said=pd.Series(["baker", "bakery", "baked", "stale"], dtype="str")))
    assert "said.piece= bak" in features
    assert not any(name.startswith(("said.term=", "said.piece=sta")) for name in features)


@pytest.mark.parametrize(("rows", "classes", "pieces"), [(40, 3, True), (80, 2, True), (80, 3, False)])
def test_pieces_are_left_out_where_many_classes_weigh_each(monkeypatch: pytest.MonkeyPatch, rows: int, classes: int, pieces: bool) -> None:
    monkeypatch.setattr(terms, "MOST_CHARACTERS", 1000)
    monkeypatch.setattr(terms, "FEW_ROWS", 50)
    frame = pd.DataFrame({"said": pd.Series([f"bread {row % 7}" for row in range(rows)], dtype="str")})
    featurizer = get_featurizer("terms").build((TEXT,))
    featurizer.fit_transform(frame, np.arange(rows) % classes, 0)
    assert any(".piece=" in name for name, _ in featurizer.features()) == pieces


@pytest.mark.parametrize(("rows", "pieces"), [(19, True), (20, False)])
def test_pieces_are_left_out_where_each_spelling_has_many_rows(rows: int, pieces: bool) -> None:
    frame = pd.DataFrame({"said": pd.Series([f"bread {row % 7}" for row in range(7 * rows)] + [None] * 99, dtype="str")})
    _, features = learned(TEXT, frame=frame)
    assert any(".piece=" in name for name in features) == pieces
    assert "said.value=bread 6" in features


def test_of_too_many_values_those_of_most_rows_are_features() -> None:
    values = [*(f"rare {number}" for number in range(20)), *["zebra"] * 5, *["yak"] * 4]
    column = Column("colour", "categorical", "str", tuple(sorted(set(values))))
    _, features = learned(column, frame=pd.DataFrame({"colour": pd.Series(values, dtype="str")}), most_terms=3)
    assert {"colour.value=zebra", "colour.value=yak"} < {name for name in features if ".value=" in name}


def test_a_category_s_value_is_a_feature_however_few_rows_there_are() -> None:
    _, features = learned(COLOUR)
    assert list(features) == ["colour.value=blue", "colour.value=red"]
    np.testing.assert_array_equal(features["colour.value=red"], [1, 1, 0, 0])
    _, alone = learned(COLOUR, frame=FRAME[1:3])
    assert list(alone) == ["colour.value=blue", "colour.value=red"]


def test_many_categories_are_read_as_words_and_as_values_where_they_repeat() -> None:
    towns = tuple(f"{where} {number}" for where in ("north", "south") for number in range(20))
    column = Column("town", "categorical", "str", towns)
    _, features = learned(column, frame=pd.DataFrame({"town": pd.Series([*towns] * 3, dtype="str")}))
    assert features["town.value=north 7"].sum() == 3
    assert (features["town.term=north"] > 0).sum() == 60
    _, once = learned(column, frame=pd.DataFrame({"town": pd.Series(towns, dtype="str")}))
    assert "town.term=north" in once
    assert not any("value" in name for name in once)


def test_features_trace_to_their_columns() -> None:
    featurizer, features = learned(TEXT, COLOUR)
    assert all(name.startswith(f"{source}.") for name, source in featurizer.features())  # type: ignore[attr-defined]
    assert {source for _, source in featurizer.features()} == {"said", "colour"}  # type: ignore[attr-defined]
    assert len(features) == len(featurizer.features())  # type: ignore[attr-defined]


def test_unseen_and_missing_words_are_rows_without_an_entry() -> None:
    featurizer, _ = learned(TEXT, COLOUR)
    unseen = pd.DataFrame({"said": ["zyx", None, ""], "colour": ["purple", None, "red"]}).astype("str")
    got = featurizer.transform(unseen)  # type: ignore[attr-defined]
    np.testing.assert_array_equal(np.diff(got.indptr), [0, 0, 1])
    assert got.nnz == len(got.data)
    assert got.data.all()


def test_there_are_no_more_words_than_asked_for() -> None:
    said = pd.Series([f"word{number} word{number + 1} {'often' * (number % 2)}" for number in range(60)], dtype="str")
    for most, found in ((10, 10), (1000, 60)):
        _, features = learned(TEXT, frame=pd.DataFrame({"said": said}), most_terms=most)
        assert sum(name.startswith("said.term=") for name in features) == found
        assert "said.term=often" in features


def test_columns_without_a_term_have_no_features() -> None:
    _, features = learned(TEXT, frame=pd.DataFrame({"said": pd.Series([None, None], dtype="str")}))
    assert features == {}


def test_columns_stand_beside_each_other_row_by_row() -> None:
    both = get_featurizer("terms").build((TEXT, COLOUR))
    alone = [get_featurizer("terms").build((column,)) for column in (TEXT, COLOUR)]
    matrix = both.fit_transform(FRAME, np.zeros(4), 0)
    for found, frame in ((matrix, FRAME), (both.transform(FRAME[::-1]), FRAME[::-1]), (both.transform(FRAME[:0]), FRAME[:0])):
        expected = [one.fit_transform(FRAME, np.zeros(4), 0) if found is matrix else one.transform(frame) for one in alone]
        np.testing.assert_array_equal(found.toarray(), np.concatenate([one.toarray() for one in expected], axis=1))
        assert found.has_sorted_indices
        assert found.indices.dtype == found.indptr.dtype == np.int32  # half the bytes of int64
