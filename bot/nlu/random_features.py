"""Ridge regression over random features of sentence embeddings: meaning alone, for texts of all languages at once.

Random Fourier features (Rahimi and Recht, 2007) stand in for the radial kernel where there are too many rows for a
kernel: training takes one pass over the texts and a few seconds.
"""

from pathlib import Path
from typing import Any

import numpy as np
import scipy.linalg

ROWS_AT_ONCE = 2_000
SEED = 20


class RandomFeaturesModel:
    """Scores on the scale of `KernelModel`: -1 for an embedding that is like none that was learnt."""

    def __init__(self, *, features: int, ridge: float, width: float) -> None:
        self._features = features
        self._ridge = ridge
        self._width = width

    def fit(self, embeddings: Any, targets: Any) -> None:
        """`embeddings`: one row a text; `targets`: rows x scores, each -1 or 1."""
        self._mean, self._scale = embeddings.mean(axis=0), embeddings.std(axis=0) + 1e-9
        self._draw(embeddings.shape[1])
        products = self._ridge * np.eye(self._features, dtype=np.float32)
        aims = np.zeros((self._features, targets.shape[1]), np.float32)
        for start in range(0, len(embeddings), ROWS_AT_ONCE):
            features = self._of(embeddings[start : start + ROWS_AT_ONCE])
            products += features.T @ features
            aims += features.T @ (targets[start : start + ROWS_AT_ONCE] + 1.0).astype(np.float32)
        self._weights = scipy.linalg.solve(products, aims, assume_a="pos", overwrite_a=True, check_finite=False)

    def scores(self, embeddings: Any) -> Any:
        """One row per embedding, one column per target."""
        return self._of(embeddings) @ self._weights - 1.0

    def store(self, folder: Path, name: str) -> None:
        np.savez(folder / f"{name}.npz", mean=self._mean, scale=self._scale, weights=self._weights)

    def restore(self, folder: Path, name: str) -> None:
        with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
            self._mean, self._scale, self._weights = arrays["mean"], arrays["scale"], arrays["weights"]
        self._draw(len(self._mean))

    def _draw(self, size: int) -> None:
        """The same directions and phases at every training and loading."""
        chance = np.random.default_rng(SEED)
        spread = np.sqrt(2.0 * self._width / size)
        self._directions = (spread * chance.standard_normal((size, self._features))).astype(np.float32)
        self._phases = chance.uniform(0.0, 2.0 * np.pi, self._features).astype(np.float32)

    def _of(self, embeddings: Any) -> Any:
        standard = ((embeddings - self._mean) / self._scale).astype(np.float32)
        return np.sqrt(np.float32(2.0 / self._features)) * np.cos(standard @ self._directions + self._phases)
