"""A linear model of short texts over character n-grams, stored as plain arrays: nothing is unpickled when it loads."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu import softmax_regression


class LinearTextModel:
    """Labels from texts. `name` distinguishes the files of several models in one folder."""

    def __init__(
        self,
        name: str,
        *,
        max_ngram: int,
        min_df: int,
        C: float,
        iterations: int,
        spelled: Callable[[str], str],
    ) -> None:
        """`spelled`: what the n-grams read of a text."""
        self._name = name
        self._ngrams = TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(1, max_ngram),
            min_df=min_df,
            sublinear_tf=True,
            preprocessor=spelled,
            dtype=np.float32,
        )
        self._inverse_regularisation = C
        self._iterations = iterations
        self.labels: list[str] = []

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        self.labels = sorted(set(labels))
        columns = {label: column for column, label in enumerate(self.labels)}
        self._weights, self._offsets = softmax_regression.fit(
            self._ngrams.fit_transform(texts),
            [columns[label] for label in labels],
            inverse_regularisation=self._inverse_regularisation,
            iterations=self._iterations,
        )

    def probabilities(self, texts: Sequence[str]) -> Any:
        """One row per text, one column per label."""
        return softmax(self._ngrams.transform(texts) @ self._weights + self._offsets, axis=1)

    def store(self, folder: Path) -> None:
        vocabulary = sorted(self._ngrams.vocabulary_, key=self._ngrams.vocabulary_.__getitem__)
        names = {"labels": self.labels, "ngrams": vocabulary}
        (folder / f"{self._name}.json").write_text(json.dumps(names, ensure_ascii=False), "utf-8")
        np.savez(folder / f"{self._name}.npz", idf=self._ngrams.idf_, weights=self._weights, offsets=self._offsets)

    def restore(self, folder: Path) -> None:
        names = json.loads((folder / f"{self._name}.json").read_text("utf-8"))
        self.labels = names["labels"]
        with np.load(folder / f"{self._name}.npz", allow_pickle=False) as arrays:
            self._weights, self._offsets = arrays["weights"], arrays["offsets"]
            self._ngrams.vocabulary_ = {ngram: column for column, ngram in enumerate(names["ngrams"])}
            self._ngrams.idf_ = arrays["idf"]
