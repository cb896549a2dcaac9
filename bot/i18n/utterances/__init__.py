"""The one list of everything the bot can say, by topic. To reword one, edit the `.po` file only."""

from collections.abc import Iterable

from bot.i18n.utterances import (
    appointments,
    booking,
    details,
    handoff,
    identity,
    medications,
    reminders,
    resources,
    safety,
    talk,
)
from bot.i18n.utterances.entry import Utterance


def _by_key(utterances: Iterable[Utterance]) -> dict[str, Utterance]:
    found: dict[str, Utterance] = {}
    for utterance in utterances:
        if utterance.key in found:
            raise ValueError(f"two utterances are called {utterance.key}")
        found[utterance.key] = utterance
    return found


UTTERANCES: dict[str, Utterance] = _by_key(
    (
        *safety.UTTERANCES,
        *handoff.UTTERANCES,
        *talk.UTTERANCES,
        *identity.UTTERANCES,
        *reminders.UTTERANCES,
        *appointments.UTTERANCES,
        *booking.UTTERANCES,
        *medications.UTTERANCES,
        *resources.UTTERANCES,
        *details.UTTERANCES,
    )
)
