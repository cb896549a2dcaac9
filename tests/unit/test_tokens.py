"""Shared secrets: made once, for their owner only, the same for every process."""

from pathlib import Path

import pytest

from bot.domain.errors import SettingInvalid
from bot.tokens import FILE_NAME, tokens
from tests.support.clinic import at_once


def test_they_are_made_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    made = tokens(tmp_path / "new")
    assert tokens(tmp_path / "new") == made
    assert (tmp_path / "new" / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert len({made.rasa, made.actions, made.telegram_webhook, made.carrier_auth_token}) == 4
    assert made.carrier_account_sid.startswith("AC")
    assert len(made.carrier_account_sid) == 34


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    assert len(set(at_once(8, lambda _: tokens(tmp_path)))) == 1
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("content", ["", "[]", "{}", "not json", '{"rasa": 1}', "null"])
def test_a_spoilt_file_is_named_with_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(SettingInvalid, match="Delete"):
        tokens(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingInvalid, match="NORTHSTAR_DATA_DIR"):
        tokens(tmp_path / "file")
