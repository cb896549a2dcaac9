"""What Twilio answers becomes one of our own outcomes; its message, which may hold a number, goes no further."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from bot.channels.base import ChannelError
from bot.channels.twilio.carrier import TwilioCarrier
from bot.channels.twilio.keywords import carrier_answers
from tests.support.cast import AMINA, Cast
from tests.support.clinic import Clinic


class Messages:
    """Stands in for the SDK's list of messages, the one thing that would need a network."""

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome
        self.calls: list[dict[str, Any]] = []

    def create(self, **call: Any) -> Any:
        self.calls.append(call)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return SimpleNamespace(sid="SM1")

    def list(self, **call: Any) -> Any:
        self.calls.append(call)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def carrier(outcome: Any, sender: str = "+12125550100") -> tuple[TwilioCarrier, Messages]:
    made, messages = TwilioCarrier("AC" + "0" * 32, "token", sender), Messages(outcome)
    made._client = SimpleNamespace(messages=messages)
    return made, messages


def rest_error(status: int, code: int | None) -> TwilioRestException:
    return TwilioRestException(status, "/Messages", msg=f"to {AMINA} failed", code=code)


@pytest.mark.parametrize(
    ("fault", "code", "flags"),
    [
        (rest_error(400, 21610), "21610", {"permanent", "opted_out"}),
        (rest_error(400, 21211), "21211", {"permanent"}),
        (rest_error(401, 20003), "20003", {"permanent"}),
        (rest_error(429, 20429), "20429", {"retry"}),
        (rest_error(500, None), "500", {"ambiguous"}),
        (rest_error(503, 20503), "20503", {"ambiguous"}),
        (requests.ConnectTimeout(), "connect_timeout", set()),
        (requests.ReadTimeout(), "timeout", {"ambiguous"}),
        (requests.ConnectionError(), "connection", {"ambiguous"}),
    ],
)
def test_each_fault_says_whether_to_try_again_and_whether_to_look_first(
    fault: Exception, code: str, flags: set[str]
) -> None:
    made, _ = carrier(fault)
    with pytest.raises(ChannelError) as caught:
        made.create_message(to=AMINA, body="hello", status_callback="https://x/status")
    error = caught.value
    found = {name for name in ("permanent", "ambiguous", "opted_out") if getattr(error, name)}
    assert (error.code, found | ({"retry"} if error.retry_after_s else set())) == (code, flags)
    assert AMINA not in str(error)
    assert "hello" not in str(error)


def test_a_number_sends_from_itself_and_a_messaging_service_by_its_sid() -> None:
    for sender, field in (("+12125550100", "from_"), ("MG" + "1" * 32, "messaging_service_sid")):
        made, messages = carrier(None, sender)
        assert made.create_message(to=AMINA, body="hello", status_callback="https://x/status") == "SM1"
        assert messages.calls[0][field] == sender


def test_a_look_up_finds_the_same_words_since_they_were_queued_and_no_earlier_ones() -> None:
    since = datetime(2026, 11, 23, 15, 0, 0, 700_000, tzinfo=UTC)

    def made_at(seconds: float, body: str = "hello") -> SimpleNamespace:
        at = since.replace(microsecond=0) + timedelta(seconds=seconds)
        return SimpleNamespace(sid=f"SM{seconds}", body=body, date_created=at)

    made, _ = carrier([made_at(3, "other"), made_at(0), made_at(-60)])
    assert made.find_message(to=AMINA, body="hello", since=since) == "SM0"
    made, _ = carrier([made_at(-60)])
    assert made.find_message(to=AMINA, body="hello", since=since) is None


def test_a_look_up_that_cannot_be_made_stays_ambiguous() -> None:
    made, _ = carrier(requests.ConnectionError())
    with pytest.raises(ChannelError) as caught:
        made.find_message(to=AMINA, body="hello", since=datetime.now(UTC))
    assert caught.value.ambiguous


def test_the_local_carriers_look_up_knows_only_what_came_since(clinic: Clinic, cast: Cast) -> None:
    clinic.text(AMINA, "hello")
    (body,) = clinic.received(AMINA)
    now = clinic.clock.now()
    assert clinic.carrier.find_message(to=AMINA, body=body, since=now) is not None
    assert clinic.carrier.find_message(to=AMINA, body=body, since=now + timedelta(seconds=1)) is None
    assert clinic.carrier.find_message(to=AMINA, body="other", since=now) is None


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("STOP", True),
        (" stop ", True),
        ("cancel", True),
        ("START", True),
        ("HELP", True),
        ("info", True),
        ("YES", False),
        ("stop please", False),
        ("STOP.", False),
        ("ayuda", False),
        ("", False),
    ],
)
def test_the_carrier_answers_the_bare_word_only(text: str, answers: bool) -> None:
    assert carrier_answers(text) is answers
