"""Names of medicines in one spelling: what keyboards, scripts and grammars add is taken away.

`fold_name` gives the spelling in which names are compared, `words_in` its words, `forms` what a word is without the
articles and case endings that Arabic and Russian put on a name.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
HANGUL = "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"
VOWEL_SIGNS = "\u0900-\u0903\u093a-\u094f"
_WORD = re.compile(f"[{HAN}]+|[{HANGUL}]+|(?:[^\\W_{HAN}{HANGUL}]|[{VOWEL_SIGNS}])+")

# Letters that are written in several ways for one sound: hamza and taa marbuta, Persian letters of Arabic keyboards,
# long and short Devanagari vowels, dental and retroflex consonants, Latin letters that Unicode does not decompose.
# Traditional Chinese characters of drug names are read as the simplified ones.
_ARABIC = dict(zip("أإآٱىیکگةپچڤؤئ", "اااايي" + "كك" + "هبجفوي", strict=True)) | {"ء": ""}
_DEVANAGARI = dict(zip("ीूॉोौॅैऑओऔईऊऐऍँटठडढणशष", "िु" + "ाोोेेआओओइउएए" + "ंतथदधनसस", strict=True))
_LATIN = {"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe"}
_TRADITIONAL = dict(
    zip(
        "雙壓藥鈣鈉鹽鉀鐵維諾賴羅達爾蘭環腎氫絡馬麥貝萊瑪鎂鋅鋰優華寧樂複噴頭黃體紅鹼發魯順開齊單門鋁為氣",
        "双压药钙钠盐钾铁维诺赖罗达尔兰环肾氢络马麦贝莱玛镁锌锂优华宁乐复喷头黄体红碱发鲁顺开齐单门铝为气",
        strict=True,
    )
)
_ONE_SPELLING = str.maketrans(_ARABIC | _DEVANAGARI | _LATIN | _TRADITIONAL)
_DEVANAGARI_JOINERS = "\u093c\u094d"  # nukta and virama

_ARABIC_BEFORE = re.compile("^(?:[وفبكل]?ال|[وف]?لل|عال|[وفبل])(?=.{4})")
_CYRILLIC_BEHIND = re.compile("(?<=.{4})(?:ами|ями|ом|ем|ой|ою|ов|ам|ах|а|у|е|ы|и|ю|я|ь)$")
_STRENGTH_BEHIND = re.compile(r"(?<=\D{4})\d.*$")


class Script(StrEnum):
    """The scripts of the twelve languages, Greek for its look-alikes, and all the others."""

    LATIN = "latin"
    CYRILLIC = "cyrillic"
    GREEK = "greek"
    ARABIC = "arabic"
    DEVANAGARI = "devanagari"
    HAN = "han"
    HANGUL = "hangul"
    OTHER = "other"


# Scripts that leave no space between words, or between a name and what grammar adds.
UNSPACED = frozenset((Script.HAN, Script.HANGUL))
_BLOCKS = (
    (0x0250, Script.LATIN),
    (0x0370, Script.OTHER),
    (0x0400, Script.GREEK),
    (0x0530, Script.CYRILLIC),
    (0x0600, Script.OTHER),
    (0x0780, Script.ARABIC),
    (0x0900, Script.OTHER),
    (0x0980, Script.DEVANAGARI),
    (0x1100, Script.OTHER),
    (0x1200, Script.HANGUL),
    (0x1E00, Script.OTHER),
    (0x1F00, Script.LATIN),
    (0x2000, Script.GREEK),
    (0x3131, Script.OTHER),
    (0x318F, Script.HANGUL),
    (0x3400, Script.OTHER),
    (0xA000, Script.HAN),
    (0xAC00, Script.OTHER),
    (0xD7A4, Script.HANGUL),
)


def fold_name(text: str) -> str:
    """Lower case without accents, points, joiners and invisible characters; one letter where several are written.

    Hangul stays in syllables. Characters of full or half width and mathematical letters become plain ones (NFKC).
    """
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(letter for letter in decomposed if not _left_out(letter))
    return unicodedata.normalize("NFC", kept).translate(_ONE_SPELLING)


def words_in(text: str) -> list[str]:
    """The words of a text in `fold_name`'s spelling, digits kept; Han and Hangul apart from other letters."""
    return _WORD.findall(fold_name(text))


def scripts_of(word: str) -> set[Script]:
    """The scripts of its letters; digits have none."""
    return {_script(letter) for letter in word if not letter.isdigit()}


def script_of(word: str) -> Script:
    """The script of its first letter."""
    return next((_script(letter) for letter in word if not letter.isdigit()), Script.OTHER)


def forms(word: str) -> Iterator[str]:
    """The word, then the same without what grammar or a strength may have added to a name."""
    yield word
    for added in (_STRENGTH_BEHIND, _ARABIC_BEFORE, _CYRILLIC_BEHIND):
        if (bare := added.sub("", word)) != word:
            yield bare


def sounds(word: str) -> str:
    """What is compared letter by letter: Hangul in its letters, other scripts as they are."""
    return unicodedata.normalize("NFD", word) if script_of(word) is Script.HANGUL else word


def _script(letter: str) -> Script:
    code = ord(letter)
    return next((script for end, script in _BLOCKS if code < end), Script.OTHER)


def _left_out(letter: str) -> bool:
    category = unicodedata.category(letter)
    if category == "Mn":
        return not "\u0900" <= letter <= "\u097f" or letter in _DEVANAGARI_JOINERS
    return category in ("Cf", "Cs", "Me", "Lm") or (category == "Cc" and not letter.isspace())
