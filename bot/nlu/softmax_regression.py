"""Multinomial logistic regression over sparse features in single precision.

scikit-learn's takes twice the memory and stores by pickling; this is its L-BFGS with classes that weigh the same.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import softmax


def fit(features: Any, labels: Sequence[int], *, inverse_regularisation: float, iterations: int) -> tuple[Any, Any]:
    """Weights (features x classes) and offsets; classes weigh the same whatever their size.

    `iterations` is how long L-BFGS runs at most: beyond some forty it changes no prediction.
    """
    targets = np.asarray(labels)
    sizes = np.bincount(targets)
    classes, columns = len(sizes), features.shape[1]
    # Each row's weight; together they are one.
    row_weights = (1.0 / (classes * sizes[targets])).astype(np.float32)
    decay = 1.0 / (inverse_regularisation * len(targets))
    transposed = features.T.tocsr()
    rows = np.arange(len(targets))

    def loss_and_gradient(flat: Any) -> tuple[float, Any]:
        weights = flat.reshape(columns + 1, classes)
        narrow = weights.astype(np.float32)
        probabilities = softmax(features @ narrow[:-1] + narrow[-1], axis=1)
        loss = -np.sum(row_weights * np.log(probabilities[rows, targets] + 1e-12))
        probabilities[rows, targets] -= 1.0
        errors = probabilities * row_weights[:, None]
        gradient = np.vstack([transposed @ errors, errors.sum(axis=0)]).astype(np.float64)
        gradient[:-1] += decay * weights[:-1]
        return float(loss + 0.5 * decay * np.sum(weights[:-1] ** 2)), gradient.ravel()

    first = np.zeros((columns + 1, classes)).ravel()
    options = {"maxiter": iterations, "maxcor": 5}
    found = minimize(loss_and_gradient, first, jac=True, method="L-BFGS-B", options=options)
    weights = found.x.reshape(columns + 1, classes).astype(np.float32)
    return weights[:-1], weights[-1]
