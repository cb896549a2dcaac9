"""Splits texts into folds so that no text is tested by a model that has seen nearly the same one.

Runs in the Rasa environment.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import vstack
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedGroupKFold

from bot.nlu.folding import canonical, fold

SEED = 20
# Cosine of character 2- to 4-grams. At 0.7 groups chain through common words (one had a tenth of all texts); at 0.8
# the largest has some thirty.
NEARLY_THE_SAME = 0.8
ROWS_AT_ONCE = 500


def near_duplicate_groups(texts: Sequence[str]) -> Any:
    """A group number for each text; texts that are nearly the same, directly or through others, share one."""
    ngrams = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, dtype=np.float32)
    vectors = ngrams.fit_transform([canonical(fold(text).text) or text for text in texts])
    near = []
    for start in range(0, len(texts), ROWS_AT_ONCE):
        cosine = vectors[start : start + ROWS_AT_ONCE] @ vectors.T
        cosine.data[cosine.data < NEARLY_THE_SAME] = 0.0
        cosine.eliminate_zeros()
        near.append(cosine)
    _, groups = connected_components(vstack(near), directed=False)
    return groups


def folds(groups: Any, kinds: Sequence[str], count: int) -> Any:
    """A fold number for each text: groups stay whole, each kind is spread as evenly as they allow."""
    splitter = StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=SEED)
    numbers = np.zeros(len(kinds), dtype=int)
    for number, (_, tested) in enumerate(splitter.split(np.zeros(len(kinds)), kinds, groups)):
        numbers[tested] = number
    return numbers


def largest(groups: Any) -> int:
    """How many texts the largest group has."""
    return max(Counter(groups.tolist()).values())
