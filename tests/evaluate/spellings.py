"""The same text as it may arrive: as it was written, without accents, with slips of the thumb."""

import random
from collections.abc import Callable, Mapping

from bot.nlu.folding import without_accents

TYPO_SHARE = 0.08  # of the letters


def unaccented(text: str) -> str:
    """In small letters without accents; punctuation stays."""
    return "".join(without_accents(character) for character in text)


def mistyped(text: str) -> str:
    """About TYPO_SHARE of the letters left out, doubled, swapped with the next or replaced.

    A text always gets the same slips, whatever stands around it in its file. A wrong letter is another one of
    the same text, so no keyboard layout has to be known and every script has its own.
    """
    chance = random.Random(f"slips:{text}")
    letters = [character for character in text if character.isalpha()]
    typed: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        following = text[position + 1 : position + 2]
        position += 1
        if not character.isalpha() or chance.random() >= TYPO_SHARE:
            typed.append(character)
            continue
        slip = chance.choice(("omit", "double", "swap", "replace"))
        if slip == "double":
            typed.append(character * 2)
        elif slip == "swap":
            typed.append(following + character)
            position += 1
        elif slip == "replace":
            typed.append(chance.choice(letters))
    # Nobody sends an empty text.
    return "".join(typed) if "".join(typed).strip() else text


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "as_written": str,
    "unaccented": unaccented,
    "mistyped": mistyped,
}
