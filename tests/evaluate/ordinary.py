"""How often everyday requests are taken for danger by a model that has not seen them; runs in the Rasa environment.

    .venv-nlu/bin/python -m tests.evaluate.ordinary --data intents --out FILE

Writes one JSON object a text: text, language, and what the classifier says of it (null for nothing). The danger model
is trained, its limits chosen, with one half of the everyday requests, and judges texts of the other half.
"""

import argparse
import json
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.nlu import no_tensorflow

PER_LANGUAGE = 1_000
PARTS = 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.evaluate.ordinary")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    # Rasa can be imported only after this.
    no_tensorflow.install()
    from bot.nlu.danger_model import everyday_rows, training_rows
    from tests.evaluate.folds import folds, near_duplicate_groups

    everyday = everyday_rows(options.data)
    groups = near_duplicate_groups([row.text for row in everyday])
    numbers = folds(groups, [row.language for row in everyday], PARTS)
    found: list[dict[str, Any]] = []
    for part in range(PARTS):
        trained = [row for row, number in zip(everyday, numbers, strict=True) if number != part]
        tested = _some([row for row, number in zip(everyday, numbers, strict=True) if number == part])
        found += _judged(training_rows(options.data), trained, tested)
    options.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found), "utf-8")
    return 0


def _some(rows: Sequence[Any]) -> list[Any]:
    by_language = defaultdict(list)
    for row in rows:
        by_language[row.language].append(row)
    chance = random.Random("ordinary")
    most = PER_LANGUAGE // PARTS
    return [row for own in by_language.values() for row in chance.sample(own, min(most, len(own)))]


def _judged(rows: Sequence[Any], trained: Sequence[Any], tested: Sequence[Any]) -> list[dict[str, Any]]:
    import numpy as np

    from bot.nlu.danger_classifier import sentences
    from bot.nlu.danger_model import DEFAULTS, DangerModel
    from bot.nlu.embedding import embedder

    embed = embedder().embed_for_training
    model = DangerModel(DEFAULTS)
    model.fit(rows, embed([row.text for row in rows]), trained, embed([row.text for row in trained]))
    parts = [sentences(row.text) for row in tested]
    vectors = iter(embed([part for own in parts for part in own]))
    return [
        {
            "text": row.text,
            "language": row.language,
            "danger": model.judge(own, np.vstack([next(vectors) for _ in own]), {row.language: 1.0}),
        }
        for row, own in zip(tested, parts, strict=True)
    ]


if __name__ == "__main__":
    sys.exit(main())
