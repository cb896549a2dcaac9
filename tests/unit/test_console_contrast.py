"""Every pair of colours that the pages use holds 4.5:1, light and dark."""

import re

import pytest

from bot.web.pages import STATIC

TOKENS = (STATIC / "tokens.css").read_text("utf-8")
LIGHT, DARK = TOKENS.split("prefers-color-scheme: dark", 1)
SURFACES = ("paper", "card", "sunk")
PAIRS = [
    *((ink, surface) for ink in ("ink", "ink-2", "ink-3", "accent") for surface in SURFACES),
    *(("urgent", surface) for surface in ("card", "urgent-soft")),
    ("ink", "line"),  # counts of the rail
    ("card", "urgent"),  # the urgent count
    ("accent-ink", "accent"),
    ("accent", "accent-soft"),
    ("ink", "accent-soft"),
    ("ink-2", "accent-soft"),
    ("warn", "warn-soft"),
    ("ink", "warn-soft"),
    ("good", "good-soft"),
    *((ink, "sunk") for ink in ("good", "warn")),  # the days of the dose charts
]


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", css))


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_a_pair_of_colours_can_be_read(scheme: str, ink: str, ground: str) -> None:
    tokens = colours(LIGHT if scheme == "light" else DARK)
    assert contrast(tokens[ink], tokens[ground]) >= 4.5
