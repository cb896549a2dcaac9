"""Makes the subset of the training texts that both pipelines learn from; runs in the Rasa environment.

    .venv-nlu/bin/python -m tests.evaluate.peer.subset --data intents --out FOLDER

Writes FOLDER/intents/<language>/texts.yml (in Rasa's format, entities marked), which our pipeline trains on,
FOLDER/nlu.yml with the same texts in one file, which Rasa's own trains on, and FOLDER/tested.jsonl.
"""

import argparse
import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from bot.nlu.corpus import Example, examples

LANGUAGES = ("en", "es", "zh-Hans", "ar", "ru", "ht")
# Of each intent in each language; every FOLDS-th part is tested, nearly identical texts on the same side.
TEXTS_AN_INTENT = 14
FOLDS = 4


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.evaluate.peer.subset")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    from tests.evaluate.folds import folds, near_duplicate_groups

    chosen = list(_chosen(examples(options.data)))
    groups = near_duplicate_groups([example.text for example in chosen])
    numbers = folds(groups, [f"{example.language}/{example.intent}" for example in chosen], FOLDS)
    trained = [example for example, number in zip(chosen, numbers, strict=True) if number]
    tested = [example for example, number in zip(chosen, numbers, strict=True) if not number]
    for language in LANGUAGES:
        folder = options.out / "intents" / language
        folder.mkdir(parents=True)
        _write([example for example in trained if example.language == language], folder / "texts.yml")
    shutil.copytree(options.data / "rules", options.out / "intents" / "rules")
    _write(trained, options.out / "nlu.yml")
    rows = [{"text": each.text, "language": each.language, "intent": each.intent} for each in tested]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (options.out / "tested.jsonl").write_text("".join(lines), "utf-8")
    return 0


def _chosen(everything: Sequence[Example]) -> Iterator[Example]:
    """Spread evenly over each intent's texts, since neighbours in a file are alike."""
    grouped = defaultdict(list)
    for example in everything:
        if example.language in LANGUAGES:
            grouped[example.language, example.intent].append(example)
    for texts in grouped.values():
        step = max(len(texts) / TEXTS_AN_INTENT, 1.0)
        yield from (texts[int(place * step)] for place in range(min(TEXTS_AN_INTENT, len(texts))))


def _write(texts: Sequence[Example], path: Path) -> None:
    grouped = defaultdict(list)
    for example in texts:
        grouped[example.intent].append(_marked(example))
    entries = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in own)}
        for intent, own in sorted(grouped.items())
    ]
    document = {"version": "3.1", "nlu": entries}
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")


def _marked(example: Example) -> str:
    """`[metformin](medication)` again."""
    text = example.text
    for start, end, name in reversed(example.entities):
        text = f"{text[:start]}[{text[start:end]}]({name}){text[end:]}"
    return text


if __name__ == "__main__":
    sys.exit(main())
