"""Several ridge regressions at once: near what each is alone, whichever form is solved."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import Ridge

from bakeoff.features._ridge import ridge_weights


@pytest.mark.parametrize("shape", [(300, 40), (60, 200)], ids=["weights of terms", "weights of rows"])
@pytest.mark.parametrize("targets", [1, 4])
def test_weights_are_near_those_of_scikit_learn(shape: tuple[int, int], targets: int) -> None:
    rng = np.random.default_rng(0)
    terms = sparse.csr_array(sparse.random_array(shape, density=0.1, rng=rng, format="csr"))
    wanted, rows = rng.normal(size=(shape[0], targets)), rng.integers(1, 9, shape[0])
    exact = Ridge(0.7, fit_intercept=False, solver="cholesky").fit(terms.toarray(), wanted, sample_weight=rows).coef_.reshape(targets, -1).T
    found = ridge_weights(terms, wanted, rows, 0.7)
    assert found.shape == (shape[1], targets)
    alone = np.concatenate([ridge_weights(terms, column[:, None], rows, 0.7) for column in wanted.T], axis=1)
    for weights in (found, alone):
        assert np.all(np.std(terms @ (weights - exact), axis=0) < 0.03 * np.std(terms @ exact, axis=0))


def test_a_target_of_zeros_alone_has_weights_of_zero() -> None:
    terms = sparse.csr_array(np.eye(3))
    wanted = np.array([[0.0, 1.0]] * 3)
    np.testing.assert_allclose(ridge_weights(terms, wanted, np.ones(3), 1.0), [[0, 0.5]] * 3)
