"""What was wished for: days, and a part of the day or a time."""

from dataclasses import dataclass
from datetime import date, time
from typing import Literal

Part = Literal["morning", "afternoon", "evening"]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """From `first` to `last`, both included and never in the past; one day where they are the same.

    All values are wall-clock values in the person's own time zone. `after`: at that time or later; `before`: done by
    then; `at`: exactly then, and then neither of the two is set.
    """

    first: date
    last: date
    part: Part | None = None
    after: time | None = None
    before: time | None = None
    at: time | None = None

    def as_params(self) -> dict[str, str]:
        """The value of a parameter of kind `when`; a time says more than a part of the day and replaces it."""
        params = {"first": self.first.isoformat(), "last": self.last.isoformat()}
        times = {"after": self.after, "before": self.before, "at": self.at}
        params |= {name: value.isoformat("minutes") for name, value in times.items() if value is not None}
        if self.part is not None and len(params) == 2:
            params["part"] = self.part
        return params
