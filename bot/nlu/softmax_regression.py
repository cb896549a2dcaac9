"""Multinomial logistic regression over a sparse and a dense block of features.

scikit-learn takes one matrix: joined as sparse, 384 dense columns make training ten times slower, joined as
dense the n-grams do not fit in memory. Here each block is multiplied in its own form.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize


def fit(
    sparse: Any,
    dense: Any,
    labels: Sequence[int],
    *,
    inverse_regularisation: float,
    iterations: int,
    start: tuple[Any, Any] | None = None,
) -> tuple[Any, Any]:
    """Weights (features x classes, sparse block first) and offsets; classes weigh the same whatever their size.

    `iterations` is how long L-BFGS runs at most: beyond some forty it changes no prediction. `start`: weights and
    offsets of an earlier fit on the same features, to go on from.
    """
    targets = np.asarray(labels)
    sizes = np.bincount(targets)
    classes, features = len(sizes), sparse.shape[1] + dense.shape[1]
    # Each row's weight; together they are one.
    row_weights = (1.0 / (classes * sizes[targets])).astype(np.float32)
    decay = 1.0 / (inverse_regularisation * len(targets))
    transposed = sparse.T.tocsr()
    rows = np.arange(len(targets))

    def loss_and_gradient(flat: Any) -> tuple[float, Any]:
        weights = flat.reshape(features + 1, classes)
        narrow = weights.astype(np.float32)
        probabilities = softmax(scores(sparse, dense, narrow[:-1], narrow[-1]))
        loss = -np.sum(row_weights * np.log(probabilities[rows, targets] + 1e-12))
        probabilities[rows, targets] -= 1.0
        errors = probabilities * row_weights[:, None]
        gradient = np.vstack([transposed @ errors, dense.T @ errors, errors.sum(axis=0)]).astype(np.float64)
        gradient[:-1] += decay * weights[:-1]
        return float(loss + 0.5 * decay * np.sum(weights[:-1] ** 2)), gradient.ravel()

    first = np.zeros((features + 1, classes)) if start is None else np.vstack(start).astype(np.float64)
    found = minimize(
        loss_and_gradient, first.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": iterations, "maxcor": 5}
    )
    weights = found.x.reshape(features + 1, classes).astype(np.float32)
    return weights[:-1], weights[-1]


def scores(sparse: Any, dense: Any, weights: Any, offsets: Any) -> Any:
    """One row per text, one column per class."""
    ngrams = sparse.shape[1]
    return sparse @ weights[:ngrams] + dense @ weights[ngrams:] + offsets


def softmax(rows: Any) -> Any:
    """Each row as probabilities."""
    exponents = np.exp(rows - rows.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)
