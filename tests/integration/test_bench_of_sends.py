"""What `make bench` says about reminders is true: nothing that was lost or sent twice goes unseen."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from rich.console import Console
from sqlalchemy import func, select

from bot.domain.enums import CommunicationStatus
from bot.records import Communication, Timer
from bot.records.engine import Database
from tests.bench.report import judge
from tests.bench.sends.__main__ import main
from tests.bench.sends.carrier import Carrier, Taken, read_taken
from tests.bench.sends.crew import Crew, MemberFailed
from tests.bench.sends.people import write_queue
from tests.bench.sends.polling import CLAIMED, CLAIMS, claim_ms, poll_ms, write_timers
from tests.bench.sends.tally import Tally, tally
from tests.support import postgres
from tests.support.clinic import Clinic
from tests.support.postgres import PostgresMissing

QUEUED = 3


@pytest.fixture
def sent(clinic: Clinic) -> list[Taken]:
    """Three messages that were handed to the carrier and recorded as sent."""
    clinic.seed(lambda session: write_queue(session, clinic.parts.words, QUEUED))
    carrier = Carrier()
    for message in clinic.outbound():
        provider_id = carrier.take(str(message.id))
        clinic.change(Communication, message.id, status=CommunicationStatus.SENT, provider_id=provider_id)
    return carrier.taken


def test_what_was_sent_once_is_neither_lost_nor_sent_twice(clinic: Clinic, sent: list[Taken]) -> None:
    assert tally(clinic.database, sent, QUEUED) == Tally(lost=0, twice=0)


def test_what_the_carrier_never_had_is_lost(clinic: Clinic, sent: list[Taken]) -> None:
    assert tally(clinic.database, sent[1:], QUEUED) == Tally(lost=1)


def test_what_is_not_stored_as_sent_is_lost(clinic: Clinic, sent: list[Taken]) -> None:
    clinic.change(Communication, UUID(sent[0].communication_id), status=CommunicationStatus.SENDING)
    assert tally(clinic.database, sent, QUEUED) == Tally(lost=1)


def test_what_was_never_queued_is_lost(clinic: Clinic, sent: list[Taken]) -> None:
    assert tally(clinic.database, sent, QUEUED + 1) == Tally(lost=1)


def test_what_another_process_sent_again_counts_as_twice(clinic: Clinic, sent: list[Taken], tmp_path: Path) -> None:
    ours, other = Carrier(), Carrier()
    ours.taken += sent
    other.take(sent[0].communication_id)
    for number, carrier in enumerate((ours, other)):
        carrier.write(tmp_path / f"{number}.json")
    taken = read_taken([tmp_path / "0.json", tmp_path / "1.json"])
    assert tally(clinic.database, taken, QUEUED) == Tally(twice=1)


def test_a_figure_out_of_its_limit_fails_and_a_missing_one_does_not_pass() -> None:
    quiet = Console(quiet=True)
    assert judge(quiet, {"sends_lost": 0.0}, {"sends_lost": (0.0, 0.0)}) == 0
    assert judge(quiet, {"sends_lost": 1.0}, {"sends_lost": (0.0, 0.0)}) == 1
    with pytest.raises(KeyError):
        judge(quiet, {}, {"sends_lost": (0.0, 0.0)})


def test_timers_written_in_bulk_are_future_ones_that_ring_fifty_at_a_time(database: Database) -> None:
    count = CLAIMS * CLAIMED
    first = write_timers(database, count)
    with database.read() as session:
        stored = session.scalar(select(func.count(Timer.id)).where(Timer.due_at >= first))
    assert stored == count
    assert first > datetime.now(UTC) + timedelta(minutes=50)
    # Each raises when it finds another number than it should.
    assert poll_ms(database) > 0
    assert claim_ms(database, first) > 0


def test_a_process_that_dies_is_told_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such database')"]
    with Crew([command], {}, tmp_path) as crew, pytest.raises(MemberFailed, match="no such database"):
        crew.await_ready()


def test_a_machine_without_postgresql_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nowhere() -> Path:
        raise PostgresMissing

    monkeypatch.setattr(postgres, "bin_folder", nowhere)
    monkeypatch.setattr(sys, "argv", ["tests.bench.sends", "--messages", "200", "--timers", "5000"])
    assert main() == 1
    assert "PostgreSQL's binaries are not on this machine." in capsys.readouterr().out
