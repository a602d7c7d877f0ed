"""logistic_regression: many terms of few rows are learned from as many features as there are rows, with the same solution."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from bakeoff.algorithms import Fitting, Setting, get_algorithm
from bakeoff.algorithms import logistic_regression as room


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_rotated_terms_give_the_plain_solution(classes: int, weighted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    some = sparse.random_array((59, 400), density=0.1, random_state=rng, format="csr")
    X = sparse.csr_array(sparse.vstack([some, some[3:4]]))  # rows that are the same span no direction of their own
    y = np.arange(60) % classes
    card, weights = get_algorithm("logistic_regression"), rng.uniform(0.5, 2, 60) if weighted else None

    def fitted() -> Any:
        estimator = card.build(Setting("classification", 0, 1, classes), {"steps": 11})
        estimator.tol, estimator.max_iter = 1e-9, 1000  # where the solution really rests
        return card.fit(estimator, Fitting(X, y, weights=weights))

    asked: list[int] = []
    with monkeypatch.context() as patch:
        fit = room._fit_rotated
        patch.setattr(room, "_fit_rotated", lambda *given: asked.append(1) or fit(*given))
        rotated = fitted()
    assert asked
    monkeypatch.setattr(room, "MOST_ROTATED_ROWS", 0)
    plain = fitted()
    assert rotated.coef_.shape == plain.coef_.shape
    assert rotated.n_features_in_ == 400
    new = sparse.random_array((50, 400), density=0.1, random_state=rng, format="csr")
    for rows in (X, new):
        np.testing.assert_allclose(rotated.predict_proba(rows), plain.predict_proba(rows), atol=1e-6)


def test_rows_without_a_term_are_no_trouble() -> None:
    card, X = get_algorithm("logistic_regression"), sparse.csr_array((20, 100))
    fitted = card.fit(card.build(Setting("classification", 0, 1, 2), {}), Fitting(X, np.arange(20) % 2))
    np.testing.assert_allclose(fitted.predict_proba(X), 0.5)
