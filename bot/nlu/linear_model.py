"""A linear model of short texts over character n-grams and, where there are any, sentence embeddings.

Rasa's LogisticRegressionClassifier takes raw counts, has no regularisation setting and featurizes example by
example. This one weights n-grams by TF-IDF, balances both kinds of features, trains in seconds and is stored
as plain arrays (nothing is unpickled when a model is loaded).
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu import softmax_regression
from bot.nlu.folding import bare

DEFAULTS = {"max_ngram": 4, "min_df": 2, "embedding_weight": 2.0, "C": 10.0, "iterations": 30}


class LinearTextModel:
    """Labels from texts and their embeddings. `name` distinguishes the files of several models in one folder."""

    def __init__(
        self,
        name: str,
        *,
        max_ngram: int,
        min_df: int,
        embedding_weight: float,
        C: float,
        iterations: int,
        spelled: Callable[[str], str] = bare,
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
        self._embedding_weight = embedding_weight
        self._inverse_regularisation = C
        self._iterations = iterations
        self._embedding_size = 0
        self.labels: list[str] = []

    def fit(self, texts: Sequence[str], embeddings: Any | None, labels: Sequence[str]) -> None:
        """`embeddings`: one row per text, or None."""
        sparse, dense, columns = self._prepare(texts, embeddings, labels)
        self._learn(sparse, dense, columns, start=None)

    def fit_and_try(self, texts: Sequence[str], embeddings: Any | None, labels: Sequence[str], held_back: Any) -> Any:
        """As `fit`, but first without the rows of `held_back` (a mask): their probabilities from then are returned.

        The second fit goes on from the first, so that together they take the iterations of one.
        """
        sparse, dense, columns = self._prepare(texts, embeddings, labels)
        first = ~held_back
        self._learn(sparse[first], dense[first], columns[first], start=None)
        tried = softmax_regression.softmax(
            softmax_regression.scores(sparse[held_back], dense[held_back], self._weights, self._offsets)
        )
        self._learn(sparse, dense, columns, start=(self._weights, self._offsets))
        return tried

    def _prepare(self, texts: Sequence[str], embeddings: Any | None, labels: Sequence[str]) -> tuple[Any, Any, Any]:
        self._embedding_size = 0 if embeddings is None else embeddings.shape[1]
        self.labels = sorted(set(labels))
        columns = {label: column for column, label in enumerate(self.labels)}
        sparse = self._ngrams.fit_transform(texts)
        return sparse, self._dense(len(texts), embeddings), np.array([columns[label] for label in labels])

    def _learn(self, sparse: Any, dense: Any, columns: Any, start: tuple[Any, Any] | None) -> None:
        self._weights, self._offsets = softmax_regression.fit(
            sparse,
            dense,
            columns,
            inverse_regularisation=self._inverse_regularisation,
            iterations=self._iterations,
            start=start,
        )

    def probabilities(self, texts: Sequence[str], embeddings: Any | None) -> Any:
        """One row per text, one column per label. A missing embedding counts as zero."""
        ngrams, dense = self._ngrams.transform(texts), self._dense(len(texts), embeddings)
        return softmax_regression.softmax(softmax_regression.scores(ngrams, dense, self._weights, self._offsets))

    def store(self, folder: Path) -> None:
        vocabulary = sorted(self._ngrams.vocabulary_, key=self._ngrams.vocabulary_.__getitem__)
        names = {"labels": self.labels, "ngrams": vocabulary, "embedding_size": self._embedding_size}
        (folder / f"{self._name}.json").write_text(json.dumps(names, ensure_ascii=False), "utf-8")
        np.savez(folder / f"{self._name}.npz", idf=self._ngrams.idf_, weights=self._weights, offsets=self._offsets)

    def restore(self, folder: Path) -> None:
        names = json.loads((folder / f"{self._name}.json").read_text("utf-8"))
        self.labels, self._embedding_size = names["labels"], names["embedding_size"]
        with np.load(folder / f"{self._name}.npz", allow_pickle=False) as arrays:
            self._weights, self._offsets = arrays["weights"], arrays["offsets"]
            self._ngrams.vocabulary_ = {ngram: column for column, ngram in enumerate(names["ngrams"])}
            self._ngrams.idf_ = arrays["idf"]

    def _dense(self, rows: int, embeddings: Any | None) -> Any:
        if embeddings is None or not self._embedding_size:
            return np.zeros((rows, self._embedding_size), dtype=np.float32)
        return np.asarray(embeddings * self._embedding_weight, dtype=np.float32)
