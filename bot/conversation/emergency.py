"""The emergency reply: whom to call where the person is, in conditional words. Needs no model and no network."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.conversation.red_flags import RedFlag
from bot.domain.errors import ContentInvalid
from bot.outbox import Say
from bot.yaml_file import read_yaml

TABLE = Path(__file__).parent / "emergency_numbers.yml"


@dataclass(frozen=True, kw_only=True)
class EmergencyNumbers:
    emergency: str
    crisis_line: str | None
    poison_line: str | None
    violence_line: str | None


def load_numbers(path: Path = TABLE) -> Mapping[str, EmergencyNumbers]:
    """The dated table by country. Raises ContentInvalid."""
    document = read_yaml(path)
    table: dict[str, EmergencyNumbers] = {}
    for country, row in document["countries"].items():
        if not all(value is None or isinstance(value, str) for value in row.values()):
            raise ContentInvalid(f"{path}: put quotes around the numbers of {country}")
        table[country] = EmergencyNumbers(
            emergency=row["emergency"],
            crisis_line=row.get("crisis_line"),
            poison_line=row.get("poison_line"),
            violence_line=row.get("violence_line"),
        )
    return table


def emergency_say(flag: RedFlag, numbers: EmergencyNumbers | None) -> Say:
    """What to say for this flag with these numbers; without them a sentence that names none."""
    if numbers is None:
        return Say("self_harm_unknown" if flag.category == "self_harm" else "emergency_unknown")
    params = {"number": numbers.emergency}
    if flag.category == "self_harm" and numbers.crisis_line:
        return Say("self_harm_known", params | {"crisis_line": numbers.crisis_line})
    if flag.category == "poisoning" and numbers.poison_line:
        return Say("poisoning_known", params | {"poison_line": numbers.poison_line})
    if flag.category == "violence" and numbers.violence_line:
        return Say("violence_known", params | {"violence_line": numbers.violence_line})
    return Say("emergency_known", params)
