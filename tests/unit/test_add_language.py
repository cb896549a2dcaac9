"""`northstar add-language`: the files of a new language, and nothing that was there is touched."""

import shutil
from pathlib import Path

import pytest
import yaml

from bot.commands.languages import LanguageNotAdded, scaffold
from bot.conversation.keywords import Keywords
from bot.conversation.red_flags import RedFlags
from bot.i18n.catalogs import Catalogs
from bot.settings import CHECKOUT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("intents", "locales"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder)
    return tmp_path


def test_a_new_language_has_every_file_and_can_be_read(checkout: Path) -> None:
    before = {path: path.read_bytes() for path in checkout.rglob("*.yml") if path.name != "languages.yml"}
    made = scaffold(checkout, "pl")
    assert {path.relative_to(checkout).as_posix() for path in made} == {
        *(f"intents/pl/{path.name}" for path in (checkout / "intents" / "en").glob("*.yml")),
        "locales/pl/LC_MESSAGES/patient.po",
        "tests/conversations/pl",
        "locales/languages.yml",
    }
    registry = yaml.safe_load((checkout / "locales" / "languages.yml").read_text("utf-8"))
    assert registry["pl"]["native_name"] == "polski"
    assert (registry["pl"]["direction"], registry["pl"]["status"]) == ("ltr", "draft")
    assert {path: path.read_bytes() for path in before} == before
    Keywords(checkout / "intents")
    RedFlags(checkout / "intents")


@pytest.mark.parametrize(
    "code",
    [
        "de",
        "pl",
    ],
)
def test_the_program_still_starts_with_a_new_empty_language(checkout: Path, code: str) -> None:
    scaffold(checkout, code)
    assert code in Catalogs.load(checkout / "locales").languages


def test_persian_runs_from_right_to_left(checkout: Path) -> None:
    scaffold(checkout, "fa")
    registry = yaml.safe_load((checkout / "locales" / "languages.yml").read_text("utf-8"))
    assert registry["fa"]["direction"] == "rtl"


@pytest.mark.parametrize("code", ["es", "klingon", "", "../evil", "en"])
def test_a_language_that_is_there_or_that_nobody_knows_is_refused(checkout: Path, code: str) -> None:
    before = sorted(checkout.rglob("*"))
    with pytest.raises(LanguageNotAdded):
        scaffold(checkout, code)
    assert sorted(checkout.rglob("*")) == before
