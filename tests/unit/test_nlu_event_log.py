"""The sealed, bounded log of conversation events."""

import sqlite3
import stat
from pathlib import Path

import pytest

from bot.nlu.event_log import EventLog, EventSealBroken, KeyUnusable, LoggedEvent, load_or_make_key

KEY = bytes(range(32))


def said(text: str) -> LoggedEvent:
    return LoggedEvent(json=text, opens=False)


LISTEN = LoggedEvent(json="listen", opens=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tracker.sqlite3"


def test_events_come_back_in_order_for_their_own_conversation_only(path: Path) -> None:
    log = EventLog(path, KEY)
    log.append("amina", "t1", [LISTEN, said("one")])
    log.append("chen", "t1", [LISTEN, said("other")])
    log.append("amina", "t2", [said("two")])

    assert log.load("amina") == ["listen", "one", "two"]
    assert log.load("chen") == ["listen", "other"]
    assert log.load("dolores") == []
    assert sorted(log.senders()) == ["amina", "chen"]


def test_only_the_window_is_loaded_and_it_begins_where_the_bot_listened(path: Path) -> None:
    log = EventLog(path, KEY, window=6)
    for turn in range(100):
        log.append("amina", f"t{turn}", [LISTEN, said(f"a{turn}"), said(f"b{turn}"), said(f"c{turn}")])

    assert log.load("amina") == ["listen", "a99", "b99", "c99"]
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT COUNT(*) FROM event").fetchone()[0] <= 12


def test_a_form_longer_than_the_window_is_loaded_from_its_beginning(path: Path) -> None:
    log = EventLog(path, KEY, window=4)
    log.append("amina", "t0", [LISTEN, said("before")])
    log.append("amina", "t1", [LISTEN, said("form opens")])
    for turn in range(20):
        log.append("amina", f"f{turn}", [said(f"in form {turn}")])

    loaded = log.load("amina")
    assert loaded[:2] == ["listen", "form opens"]
    assert len(loaded) == 22


def test_forgetting_a_turn_leaves_the_others(path: Path) -> None:
    log = EventLog(path, KEY)
    log.append("amina", "t1", [LISTEN, said("one")])
    log.append("amina", "t2", [said("two")])
    log.append("chen", "t2", [said("hers")])

    log.forget("amina", "t2")

    assert log.load("amina") == ["listen", "one"]
    assert log.load("chen") == ["hers"]


def test_a_failed_append_stores_nothing(path: Path) -> None:
    log = EventLog(path, KEY)
    with pytest.raises(AttributeError):
        log.append("amina", "t1", [LISTEN, None])  # type: ignore[list-item]
    assert log.load("amina") == []
    log.append("amina", "t1", [LISTEN])
    assert log.load("amina") == ["listen"]


def test_a_text_is_not_in_the_file_and_does_not_open_elsewhere(path: Path) -> None:
    log = EventLog(path, KEY)
    log.append("amina", "t1", [LISTEN, said("Zanahoria")])
    assert all(b"Zanahoria" not in file.read_bytes() for file in path.parent.iterdir())

    with sqlite3.connect(path) as database:
        database.execute("UPDATE event SET sender_id = 'chen'")
    with pytest.raises(EventSealBroken):
        log.load("chen")


def test_another_key_does_not_open_it(path: Path) -> None:
    EventLog(path, KEY).append("amina", "t1", [LISTEN])
    with pytest.raises(EventSealBroken):
        EventLog(path, bytes(32)).load("amina")


def test_conversations_silent_for_too_long_are_dropped(path: Path) -> None:
    EventLog(path, KEY).append("amina", "t1", [LISTEN])
    with sqlite3.connect(path) as database:
        database.execute("UPDATE event SET stored_at = stored_at - 91 * 86400")

    log = EventLog(path, KEY)
    log.append("chen", "t1", [LISTEN])

    assert log.senders() == ["chen"]


def test_files_can_be_read_by_their_owner_alone(path: Path, tmp_path: Path) -> None:
    key_file = tmp_path / "keys" / "tracker.key"
    log = EventLog(path, load_or_make_key(key_file))
    log.append("amina", "t1", [LISTEN])

    for file in [key_file, *path.parent.glob("tracker.sqlite3*")]:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_or_make_key(key_file) == load_or_make_key(key_file)


def test_a_key_file_that_others_can_read_or_that_holds_no_key_is_named(tmp_path: Path) -> None:
    key_file = tmp_path / "tracker.key"
    load_or_make_key(key_file)
    key_file.chmod(0o644)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        load_or_make_key(key_file)
    key_file.chmod(0o600)
    key_file.write_bytes(b"short")
    with pytest.raises(KeyUnusable, match="holds no key"):
        load_or_make_key(key_file)
