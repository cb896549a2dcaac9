"""The heat map of `make evaluate`: F1 of each intent in each language."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl

from tests.evaluate.figures import IntentScore

mpl.use("Agg")
from matplotlib import pyplot


def draw(scores: Mapping[str, Sequence[IntentScore]], path: Path) -> None:
    """One row per intent, one column per language; a cell's number is its F1 in hundredths."""
    languages = sorted(scores)
    intents = sorted({score.intent for own in scores.values() for score in own})
    found = {language: {score.intent: score.f1 for score in own} for language, own in scores.items()}
    cells = [[found[language].get(intent, float("nan")) for language in languages] for intent in intents]
    figure, axes = pyplot.subplots(figsize=(2.5 + 0.55 * len(languages), 1.0 + 0.22 * len(intents)))
    image = axes.imshow(cells, vmin=0.6, vmax=1.0, cmap="RdYlGn", aspect="auto")
    axes.set_xticks(range(len(languages)), languages)
    axes.set_yticks(range(len(intents)), intents, fontsize=7)
    for row, own in enumerate(cells):
        for column, value in enumerate(own):
            axes.text(column, row, f"{100 * value:.0f}", ha="center", va="center", fontsize=6)
    axes.set_title("F1 of intents, texts held out")
    figure.colorbar(image, ax=axes, shrink=0.4)
    figure.tight_layout()
    figure.savefig(path, dpi=130)
    pyplot.close(figure)
