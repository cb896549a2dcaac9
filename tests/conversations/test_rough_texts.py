"""Texts that no keyboard should send, through the real model: each is answered, and never with the wrong medicine.

Robert takes aspirin, atorvastatin, sevelamer and amlodipine; lisinopril was stopped.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.records import Appointment, MedicationAdministration
from tests.support.clinic import Clinic
from tests.support.demo import demo_clinic, open_demo
from tests.support.served_rasa import ServedRasa

pytestmark = pytest.mark.nlu
ROBERT = "+15550100102"
NOW = datetime.fromisoformat("2026-11-23T15:00:00Z")
DOSES = {
    "aspirin": "aspirin 81 mg:",
    "atorvastatin": "atorvastatin 40 mg:",
    "sevelamer": "sevelamer carbonate 800 mg:",
    "amlodipine": "amlodipine 5 mg:",
    "lisinopril": "lisinopril 20 mg:",
}
CYRILLIC_O, CYRILLIC_A, CYRILLIC_I, GREEK_O = "\u043e", "\u0430", "\u0456", "\u03bf"
ZERO_WIDTH_JOINER, ZERO_WIDTH_SPACE, SOFT_HYPHEN = "\u200d", "\u200b", "\u00ad"
RIGHT_TO_LEFT, POP = "\u202e", "\u202c"


@pytest.fixture(scope="module")
def robert(
    served_rasa: ServedRasa, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Clinic]:
    with demo_clinic(served_rasa, sqlite_template, tmp_path_factory.mktemp("rough")) as clinic:
        open_demo(clinic, NOW)
        yield clinic


def record(clinic: Clinic) -> list[object]:
    """What a text could change: visits and their confirmation, doses, and whether the phone may be texted."""
    visits = [(row.id, row.starts_at, row.status, row.participation) for row in clinic.rows(Appointment)]
    doses = [(row.id, row.status) for row in clinic.rows(MedicationAdministration)]
    conversation = clinic.conversation(ROBERT)
    return [sorted(visits), sorted(doses), conversation.opted_out_at, conversation.language]


def named(answer: str) -> set[str]:
    """The medicines whose dose stands in the answer."""
    return {name for name, dose in DOSES.items() if dose in answer}


@pytest.mark.parametrize(
    "text",
    [
        f"how much amlo{ZERO_WIDTH_JOINER}dipine do I take",
        f"how much am{ZERO_WIDTH_SPACE}lod{ZERO_WIDTH_SPACE}ipine do I take",
        f"how much amlo{SOFT_HYPHEN}dipine do I take",
        f"{RIGHT_TO_LEFT}how much amlodipine do I take{POP}",
        "how much \x00amlodipine\x07 do I take\x1b[2J",
        "how much \uff41\uff4d\uff4c\uff4f\uff44\uff49\uff50\uff49\uff4e\uff45 do I take",
    ],
    ids=["joiner", "zero-width-space", "soft-hyphen", "bidi", "control", "full-width"],
)
def test_what_cannot_be_seen_changes_nothing(robert: Clinic, text: str) -> None:
    assert named("\n".join(robert.text(ROBERT, text))) == {"amlodipine"}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (f"how much aml{CYRILLIC_O}dipine do I take", "amlodipine"),
        (f"how much {CYRILLIC_A}spirin do I take", "aspirin"),
        (f"how much atorv{CYRILLIC_A}statin do I take", "atorvastatin"),
        (f"how much lisin{GREEK_O}pril do I take", "lisinopril"),
        (f"how much am{CYRILLIC_I}l{CYRILLIC_O}ride do I take", None),
        (f"how much l{CYRILLIC_O}vastatin do I take", None),
        (f"how much pr{CYRILLIC_A}vastatin do I take", None),
    ],
)
def test_letters_of_another_alphabet_never_name_another_medicine(robert: Clinic, text: str, meant: str | None) -> None:
    answers = robert.text(ROBERT, text)
    assert answers
    assert named("\n".join(answers)) <= {meant}


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000,
        "how much " * 1_100,
        "\U0001f642" * 10_000,
        "1234567890" * 1_000,
        "\u0301" * 5_000,
        "\ufffd\ufffd\ufffd",
        "\x00\x01\x02",
        f"{RIGHT_TO_LEFT}{ZERO_WIDTH_JOINER}{POP}",
        "؟؟؟ ??? 。。。 ,,, ;;",
        "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 \u05e9\u05dc\u05d5\u05dd \u10d2\u10d0\u10db",
        "кошка ¿perro? 云 पेड़ جبل",
        "'; DROP TABLE patient; --",
        "{{7*7}} ${jndi:ldap://x} %s %n <script>alert(1)</script>",
        "/restart",
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_rubbish_is_answered_without_any_dose_and_nothing_is_done(robert: Clinic, text: str) -> None:
    heard, before = len(robert.inbound()), record(robert)
    answers = robert.text(ROBERT, text)
    assert len(robert.inbound()) == heard + 1
    assert record(robert) == before
    assert answers
    assert not named("\n".join(answers))


def test_danger_is_seen_inside_ten_thousand_characters_and_through_joiners(robert: Clinic) -> None:
    spelled = ZERO_WIDTH_JOINER.join("I can't breathe")
    for text in (spelled, f"{'hello ' * 1_600}I can't breathe"):
        assert "call 911" in "\n".join(robert.text(ROBERT, text))
