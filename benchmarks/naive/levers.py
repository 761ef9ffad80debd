"""What people wrote, from day to day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Generic, TypeVar

Said = TypeVar("Said")

WITHOUT = ("paused", "ended")
PERIOD_MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


def versions(lever: Any) -> Iterator[Any]:
    """The lever as its phases restate it."""
    return (lever.restated(phase) for phase in lever.timeline() if phase.kind not in WITHOUT)


class Course(Generic[Said]):
    """What one lever says from each of its dates on; `read` makes of its settings what is looked up."""

    def __init__(self, lever: Any, starts: date, read: Callable[[Any], Said]) -> None:
        self.steps: list[tuple[int, Said | None]] = []
        before: tuple[Any, Any] = None, None
        for phase in lever.timeline():
            if phase.kind != "announced":
                now = lever.restated(phase)
                if now != before[0]:
                    before = now, read(now)
                said = None if phase.kind in WITHOUT else before[1]
                self.steps.append(((phase.date - starts).days, said))

    def on(self, day: float) -> Said | None:
        """What is in force."""
        return next((said for first, said in reversed(self.steps) if first <= day), None)

    def latest(self, day: float) -> Said | None:
        """What is in force, or was when the lever was paused or ended; None before it first is."""
        begun = (said for first, said in reversed(self.steps) if first <= day)
        return next((said for said in begun if said is not None), None)
