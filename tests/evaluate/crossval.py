"""Cross-validates understanding on the project's own training texts; runs in the Rasa environment.

    .venv-nlu/bin/python -m tests.evaluate.crossval --data intents --config config.yml --out FILE

Writes one JSON object: how the folds were made and, for each text, what a model that had not seen it (or nearly
the same text) took it for in each spelling. One model a fold, pooled over all languages as in production.
Exit code 2: the pipeline of config.yml is not the one that this script knows.
"""

import argparse
import json
import logging
import sys
import time
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bot.nlu import no_tensorflow, quiet_logs
from tests.evaluate.spellings import SPELLINGS

if TYPE_CHECKING:
    from tests.evaluate.pipeline import Example

FOLDS = 4


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.evaluate.crossval")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    # Rasa can be imported only after this.
    no_tensorflow.install()
    quiet_logs.configure_for_training()
    logging.getLogger("bot.nlu").setLevel(logging.WARNING)
    from tests.evaluate.pipeline import PipelineUnknown, read_examples

    try:
        result = cross_validate(read_examples(options.data), options.config)
    except PipelineUnknown as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    options.out.write_text(json.dumps(result, ensure_ascii=False), "utf-8")
    return 0


def cross_validate(examples: "list[Example]", config: Path) -> dict[str, Any]:
    """`folds` and `rows`, one row for each example in order."""
    from tests.evaluate.folds import NEARLY_THE_SAME, folds, largest, near_duplicate_groups

    groups = near_duplicate_groups([example.text for example in examples])
    numbers = folds(groups, [f"{example.language}/{example.intent}" for example in examples], FOLDS)
    rows: list[dict[str, Any]] = [{**asdict(example), "guesses": {}} for example in examples]
    for fold in range(FOLDS):
        tested = [index for index, number in enumerate(numbers) if number == fold]
        trained = [example for example, number in zip(examples, numbers, strict=True) if number != fold]
        started = time.monotonic()
        guesses = _guesses(config, trained, [examples[index] for index in tested])
        for index, found in zip(tested, guesses, strict=True):
            rows[index]["guesses"] = found
        seconds = time.monotonic() - started
        print(f"  fold {fold + 1} of {FOLDS}: {len(tested)} texts, {seconds:.0f} s", flush=True)
    made = {
        "folds": FOLDS,
        "near_duplicate_cosine": NEARLY_THE_SAME,
        "groups": len(set(groups.tolist())),
        "largest_group_texts": largest(groups),
    }
    return {"folds": made, "rows": rows}


def _guesses(config: Path, trained: "list[Example]", tested: "list[Example]") -> list[dict[str, Any]]:
    """For each tested text a guess in each spelling."""
    from tests.evaluate.pipeline import IntentPipeline

    with TemporaryDirectory(prefix="northstar-evaluate-") as folder:
        pipeline = IntentPipeline(config, Path(folder))
        pipeline.train(trained)
        found: list[dict[str, Any]] = [{} for _ in tested]
        for name, spell in SPELLINGS.items():
            texts = [spell(example.text) for example in tested]
            for row, guess in zip(found, pipeline.guess(tested, texts), strict=True):
                row[name] = asdict(guess)
    return found


if __name__ == "__main__":
    sys.exit(main())
