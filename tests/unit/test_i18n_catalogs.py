"""Every utterance can be said in every language, by the language's own rules, and broken words never reach anyone."""

import re
import shutil
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot.domain.enums import Disclosure
from bot.domain.errors import ContentInvalid
from bot.i18n.catalogs import Catalogs
from bot.i18n.languages import LOCALES
from bot.i18n.messages import message, message_count, placeholders
from bot.i18n.render import all_messages
from bot.i18n.utterances import UTTERANCES
from bot.i18n.utterances.entry import DEFAULT_PARAMS, Utterance

CATALOGS = Catalogs.load()
KEYWORDS = {
    "say": ((1, "c"), 2),
    "say_count": ((1, "c"), 2, 3),
    "message": ((1, "c"), 2),
    "message_count": ((1, "c"), 2, 3),
}
GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
# Carriers act on these words themselves: CANCEL blocks the patient who sends it.
CARRIER_WORDS = re.compile(r"\b(CANCEL|END|QUIT|YES|UNSUBSCRIBE|STOPALL)\b")


@pytest.mark.parametrize("language", sorted(set(CATALOGS.languages) - {"en"}))
def test_a_language_says_everything_with_the_same_placeholders(language: str) -> None:
    assert CATALOGS.gaps(language, all_messages()) == ()


def test_what_the_tools_extract_is_what_the_program_says() -> None:
    found = extract_from_dir(
        LOCALES.parent / "bot" / "i18n",
        method_map=[("**.py", "python")],
        keywords=KEYWORDS,
        comment_tags=["Translators:"],
    )
    extracted = {(context, ids if isinstance(ids, str) else ids[0]) for _, _, ids, _, context in found}
    assert extracted == {(each.context, each.english) for each in all_messages()}


@pytest.mark.parametrize("language", sorted(CATALOGS.languages))
def test_a_catalog_holds_no_message_that_the_program_lost(language: str) -> None:
    with (LOCALES / language / "LC_MESSAGES" / "patient.po").open("rb") as file:
        catalog = read_po(file)
    ours = {(each.context, each.english) for each in all_messages()}
    theirs = {(entry.context, entry.id if isinstance(entry.id, str) else entry.id[0]) for entry in catalog if entry.id}
    assert theirs == ours
    assert not catalog.obsolete


@pytest.mark.parametrize("utterance", UTTERANCES.values(), ids=UTTERANCES.keys())
def test_an_utterance_declares_what_it_shows_and_has_a_way_down(utterance: Utterance) -> None:
    assert utterance.message.placeholders <= set(utterance.params) | set(DEFAULT_PARAMS)
    assert set(utterance.params) <= utterance.message.placeholders
    assert not utterance.message.plural or "count" in utterance.params
    assert not CARRIER_WORDS.search(utterance.message.english)
    while utterance.level > Disclosure.GENERIC:
        assert utterance.minimal is not None
        lower = UTTERANCES[utterance.minimal]
        assert lower.level < utterance.level
        assert set(lower.params) <= set(utterance.params), "the variant needs nothing that the caller does not give"
        utterance = lower


def test_english_texts_stay_in_the_cheap_alphabet_and_spanish_uses_plain_spaces() -> None:
    for each in all_messages():
        english = each.plural or each.english
        assert set(english) <= GSM7, english
        for count in (1, 2):
            spanish = CATALOGS.text(each, "es", count)
            assert not re.search("[\u00a0\u202f\u2009]", spanish), spanish
            assert not CARRIER_WORDS.search(spanish)


def test_bad_news_has_no_exclamation_mark() -> None:
    for each in all_messages():
        assert "!" not in each.english
        assert "!" not in CATALOGS.text(each, "es")


def test_the_plural_follows_the_languages_own_rule() -> None:
    refills = UTTERANCES["medication_refills"].message
    assert CATALOGS.text(refills, "en", 1) == "{name}: {count} refill left."
    assert CATALOGS.text(refills, "en", 0) == "{name}: {count} refills left."
    assert CATALOGS.text(refills, "es", 1) == "{name}: queda {count} resurtido."
    assert CATALOGS.text(refills, "es", 3) == "{name}: quedan {count} resurtidos."


def test_a_regional_tag_and_an_unknown_language_find_their_nearest() -> None:
    assert CATALOGS.known("es-MX") == "es"
    assert CATALOGS.known("pt") == "pt-BR"
    assert CATALOGS.known("zh-CN") == "zh-Hans"
    assert CATALOGS.known("zh-TW") == "en"
    assert CATALOGS.known("uk") == "en"
    assert CATALOGS.chain("es") == ["es", "en"]
    assert CATALOGS.text(message("nowhere", "Only in English"), "es") == "Only in English"


def _catalogs_with(tmp_path: Path, entry: str, plural_forms: str = "nplurals=2; plural=(n != 1);") -> Catalogs:
    locales = tmp_path / "locales"
    shutil.copytree(LOCALES, locales)
    path = locales / "es" / "LC_MESSAGES" / "patient.po"
    head = re.sub(r"nplurals=[^\\]*", plural_forms, path.read_text("utf-8").split("\n\n")[0])
    path.write_text(f"{head}\n\n{entry}\n", "utf-8")
    return Catalogs.load(locales)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ('msgctxt "t"\nmsgid "Call {phone}"\nmsgstr "Llame"', "placeholders differ"),
        ('msgctxt "t"\nmsgid "Call {phone}"\nmsgstr "Llame al {telefono}"', "placeholders differ"),
        ('msgctxt "t"\nmsgid "Call {phone}"\nmsgstr "Llame al {phone"', "braces that do not match"),
        ('#, fuzzy\nmsgctxt "t"\nmsgid "Call {phone}"\nmsgstr "Llame al {phone}"', "fuzzy"),
        ('msgctxt "t"\nmsgid "Call {phone}"\nmsgstr ""', "missing"),
    ],
)
def test_a_broken_translation_is_reported_and_english_is_sent(tmp_path: Path, entry: str, reason: str) -> None:
    catalogs = _catalogs_with(tmp_path, entry)
    call = message("t", "Call {phone}")
    assert [gap.reason for gap in catalogs.gaps("es", [call])] == [reason]
    assert catalogs.text(call, "es") == "Call {phone}"


def test_a_translation_with_three_forms_uses_each_of_them(tmp_path: Path) -> None:
    entry = 'msgctxt "t"\nmsgid "{count} pill"\nmsgid_plural "{count} pills"\n'
    entry += 'msgstr[0] "{count} а"\nmsgstr[1] "{count} б"\nmsgstr[2] "{count} в"'
    rule = "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
    catalogs = _catalogs_with(tmp_path, entry, rule)
    pills = message_count("t", "{count} pill", "{count} pills")
    assert [catalogs.text(pills, "es", count)[-1] for count in (1, 2, 5, 21)] == ["а", "б", "в", "а"]


def test_a_catalog_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    locales = tmp_path / "locales"
    shutil.copytree(LOCALES, locales)
    (locales / "es" / "LC_MESSAGES" / "patient.po").unlink()
    with pytest.raises(ContentInvalid, match=r"es/LC_MESSAGES/patient\.po"):
        Catalogs.load(locales)


def test_the_registry_is_honest_about_who_reviewed() -> None:
    spanish = CATALOGS.languages["es"]
    assert (spanish.native_name, spanish.direction, spanish.fallback) == ("Español", "ltr", "en")
    assert spanish.status == ("reviewed" if spanish.reviewer else "draft")


def test_placeholders_of_unmatched_braces_are_refused() -> None:
    with pytest.raises(ValueError, match="expected '}'"):
        placeholders("Call {phone")
    assert placeholders("Call {phone}") == {"phone"}
