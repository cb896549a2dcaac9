import json
from pathlib import Path

import pytest

from tests.evaluate.open_sets import MOST_ROWS, Outcome, figures, read_lines, read_sets, recall_out_of_scope

SETS = """
questions:
  file: questions.jsonl
  texts: {en: en, es: es}
  only: {kind: [clinical], dup: [false]}
  through: model
  figures:
    not_answered: {counts: {route: [handoff, clarify]}, better: higher}
    flagged: {counts: {red_flag: any}, better: lower}
"""


def write_set(folder: Path, rows: list[dict[str, object]]) -> None:
    (folder / "sets.yml").write_text(SETS, "utf-8")
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def question(number: int, kind: str = "clinical", dup: bool = False) -> dict[str, object]:
    return {"en": f"question {number}", "es": f"pregunta {number}", "kind": kind, "dup": dup}


def test_rows_that_do_not_belong_are_left_out_and_each_language_is_asked(tmp_path: Path) -> None:
    write_set(tmp_path, [question(1), question(2, kind="small talk"), question(3, dup=True), question(1)])

    (chosen,) = read_sets(tmp_path, tmp_path / "sets.yml")

    assert [(line.language, line.text) for line in read_lines(chosen)] == [("en", "question 1"), ("es", "pregunta 1")]


def test_a_large_set_is_sampled_the_same_way_every_time(tmp_path: Path) -> None:
    write_set(tmp_path, [question(number) for number in range(MOST_ROWS + 50)])
    (chosen,) = read_sets(tmp_path, tmp_path / "sets.yml")

    lines = read_lines(chosen)

    assert len(lines) == 2 * MOST_ROWS
    assert lines == read_lines(chosen)


def test_a_text_counts_when_the_outcome_is_one_of_the_named(tmp_path: Path) -> None:
    write_set(tmp_path, [question(1), question(2)])
    (chosen,) = read_sets(tmp_path, tmp_path / "sets.yml")
    lines = read_lines(chosen)
    found: dict[str, Outcome] = {
        "questions/en/0": {"route": "handoff", "red_flag": None},
        "questions/en/1": {"route": "answer", "red_flag": None},
        "questions/es/0": {"route": "clarify", "red_flag": None},
        "questions/es/1": {"route": "emergency", "red_flag": "chest_pain"},
    }

    counted = {figure.name: figure.count for figure in figures(chosen, lines, found)}

    assert counted == {
        "questions_en_not_answered_share": 1,
        "questions_en_flagged_share": 0,
        "questions_es_not_answered_share": 1,
        "questions_es_flagged_share": 1,
    }


def test_every_set_that_ships_can_be_read_and_counts_something(tmp_path: Path) -> None:
    sets = read_sets(tmp_path)

    assert sets
    assert all(chosen.measures and chosen.texts for chosen in sets)


@pytest.mark.parametrize("field", ["counts", "better"])
def test_a_set_that_lacks_a_part_is_refused(tmp_path: Path, field: str) -> None:
    write_set(tmp_path, [])
    broken = SETS.replace(f"{field}:", f"{field}_forgotten:")
    (tmp_path / "sets.yml").write_text(broken, "utf-8")

    with pytest.raises(KeyError, match=field):
        read_sets(tmp_path, tmp_path / "sets.yml")


def test_a_row_may_name_its_own_language(tmp_path: Path) -> None:
    (tmp_path / "sets.yml").write_text(
        "yes: {file: yes.jsonl, texts: {all: text}, language_field: lang, through: model, figures: {}}", "utf-8"
    )
    rows = [{"text": "好", "lang": "zh"}, {"text": "ja", "lang": "de"}]
    (tmp_path / "yes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (chosen,) = read_sets(tmp_path, tmp_path / "sets.yml")

    assert [(line.language, line.text) for line in read_lines(chosen)] == [("zh-Hans", "好"), ("de", "ja")]


def test_a_pair_counts_when_both_are_understood_alike(tmp_path: Path) -> None:
    (tmp_path / "sets.yml").write_text(
        "mixed: {file: mixed.jsonl, texts: {en: en, hi: cs}, paired: true, through: model}", "utf-8"
    )
    rows = [{"en": f"one {number}", "cs": f"ek {number}"} for number in range(3)]
    (tmp_path / "mixed.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (chosen,) = read_sets(tmp_path, tmp_path / "sets.yml")
    lines = read_lines(chosen)
    intents = ["greet", "thanks", "greet", "greet", "thanks", "thanks"]
    found = {str(line.id): {"intent": intent} for line, intent in zip(lines, intents, strict=True)}

    (figure,) = figures(chosen, lines, found)

    assert (figure.count, figure.rows) == (2, 3)


def test_out_of_scope_is_recalled_below_the_confidence_that_95_of_100_reach() -> None:
    inside = [number / 100 for number in range(1, 101)]
    outside = [
        {"intent": "greet", "confidence": 0.05},
        {"intent": "greet", "confidence": 0.06},
        {"intent": "out_of_scope", "confidence": 0.99},
    ]

    assert recall_out_of_scope(inside, outside).count == 2
