"""What the map makes of a sig code: FHIR R4 Timing.repeat, checked before any row is read."""

from typing import Any

import yaml

from bot.fhir.elements import check, elements_of


def read_timing(node: yaml.Node) -> dict[str, Any]:
    """Raises ValueError, which says what is wrong."""
    repeat = yaml.safe_load(yaml.serialize(node))
    if not isinstance(repeat, dict) or not repeat:
        raise ValueError("must be FHIR's Timing.repeat, as {frequency: 2, period: 1, periodUnit: d}")
    unknown = sorted(str(key) for key in repeat if key not in elements_of("Repeat"))
    if unknown:
        raise ValueError(f"{unknown[0]} is no part of FHIR's Timing.repeat")
    checked = check(
        {
            "resourceType": "MedicationRequest",
            "status": "active",
            "intent": "order",
            "subject": {},
            "dosageInstruction": [{"timing": {"repeat": repeat}}],
        }
    )
    for problem in checked.problems:
        raise ValueError(f"{problem.path.rpartition('.')[2]} {problem.reason}")
    return repeat
