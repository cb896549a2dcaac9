"""Limits on trying, and languages of the chat's labels."""

from dataclasses import fields

import pytest

from bot.web.attempts import Attempts
from bot.web.labels import LABELS, labels_for


def test_tries_run_out_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("bot.web.attempts.monotonic", lambda: clock[0])
    attempts = Attempts(2, 60)
    assert [attempts.take("chen") for _ in range(3)] == [True, True, False]
    assert attempts.take("dolores")
    clock[0] += 61
    assert attempts.take("chen")


def test_success_forgets_the_failures_before() -> None:
    attempts = Attempts(1, 60)
    assert attempts.take("dolores")
    attempts.forget("dolores")
    assert attempts.take("dolores")


def test_invented_keys_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.attempts.MOST_KEYS", 3)
    attempts = Attempts(1, 60)
    for number in range(50):
        attempts.count(str(number))
    assert len(attempts._tries) == 3


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("fr-FR,fr;q=0.9,es;q=0.5,en;q=0.1", "es"),
        ("en;q=0.2, es;q=0.9", "es"),
        ("es;q=0, en", "en"),
        ("vi", "en"),
        ("", "en"),
        (";;q=x,,", "en"),
    ],
)
def test_labels_follow_the_browsers_languages(header: str, language: str) -> None:
    assert labels_for(header).language == language


def test_every_label_is_said_in_every_language_with_the_same_blanks() -> None:
    for field in fields(LABELS["en"]):
        texts = [getattr(labels, field.name) for labels in LABELS.values()]
        assert all(texts)
        assert len({text.count("{clinic}") for text in texts}) == 1
