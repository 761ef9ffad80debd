"""The clock: SimPy's environment, which counts its events, and the rhythm of the reviews.

Arrivals, batches, licence decisions and lever phases happen at midnight (whole days), reviews at noon, so
nothing ties with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import simpy
from simpy.events import NORMAL

NOON = 0.5
TO_MIDNIGHT = 0.5
"""Days from the review at noon to the midnight that follows, when goods leave and batches begin."""


class CountingEnvironment(simpy.Environment):
    """SimPy's environment, which also counts the events that are scheduled."""

    def __init__(self, initial_time: float) -> None:
        super().__init__(initial_time)
        self.scheduled = 0

    def schedule(self, event: simpy.Event, priority: Any = NORMAL, delay: Any = 0) -> None:
        """Schedule an event and count it."""
        self.scheduled += 1
        super().schedule(event, priority, delay)


@dataclass(slots=True)
class Clock:
    """What day it is, and which review comes next."""

    env: CountingEnvironment
    span: float
    """Days between two reviews"""
    next_review: float
    """Day of the review that follows"""
    review_number: int = 0
    """Of the review that is under way, or comes next; those before the first day are negative"""

    @classmethod
    def starting(cls, first_day: float, span: float) -> Clock:
        """At midnight of the first day; the first review is at its noon."""
        return cls(CountingEnvironment(first_day), span, first_day + NOON)

    @property
    def now(self) -> float:
        """Days from the scenario's first day; negative during the warm-up."""
        return float(self.env.now)

    def after(self, delay: float, then: Callable[..., None], *about: object) -> None:
        """Call `then` with what it is about once `delay` days have passed; at once where none are left."""
        event = self.env.timeout(max(0.0, delay), value=about)
        assert event.callbacks is not None
        event.callbacks.append(lambda _: then(*about))
