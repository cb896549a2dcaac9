"""`northstar check`: the shipped content lacks nothing, and what is missing is named by its file."""

import shutil
from dataclasses import replace
from pathlib import Path

from bot.commands.check import check_content
from bot.settings import CHECKOUT, Settings, read_settings


def copied(tmp_path: Path) -> Settings:
    shutil.copytree(CHECKOUT / "intents", tmp_path / "intents")
    return replace(read_settings({}, CHECKOUT), intents=tmp_path / "intents")


def test_the_content_that_ships_is_complete() -> None:
    assert check_content(read_settings({}, CHECKOUT)) == []


def test_too_few_examples_are_named_with_their_folder(tmp_path: Path) -> None:
    settings = copied(tmp_path)
    (settings.intents / "es" / "medications.yml").write_text("nlu: []\n")
    problems = check_content(settings)
    assert "intents/es: list_medications has 0 examples, 30 are needed" in problems


def test_a_spoilt_phrase_file_is_named(tmp_path: Path) -> None:
    settings = copied(tmp_path)
    (settings.intents / "es" / "red_flags.yml").write_text("language: es\nflags: {}\n")
    assert any("red_flags.yml" in problem for problem in check_content(settings))


def test_a_missing_phrase_file_is_named(tmp_path: Path) -> None:
    settings = copied(tmp_path)
    (settings.intents / "es" / "keywords.yml").unlink()
    assert any("intents/es/keywords.yml is missing" in problem for problem in check_content(settings))
