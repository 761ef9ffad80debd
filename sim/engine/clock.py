"""The clock: SimPy's environment, and the rhythm of the reviews.

Arrivals, batches, licence decisions and lever phases happen at midnight (whole days), reviews at noon, so
nothing ties with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import simpy

NOON = 0.5
TO_MIDNIGHT = 0.5
"""Days from the review at noon to the midnight that follows, when goods leave and batches begin."""


@dataclass(slots=True)
class Clock:
    """What day it is, and which review comes next."""

    env: simpy.Environment
    span: float
    """Days between two reviews"""
    next_review: float
    """Day of the review that follows"""
    review_number: int = 0
    """Of the review that is under way, or comes next; those before the first day are negative"""

    @classmethod
    def starting(cls, first_day: float, span: float) -> Clock:
        """At midnight of the first day; the first review is at its noon."""
        return cls(simpy.Environment(first_day), span, first_day + NOON)

    @property
    def now(self) -> float:
        """Days from the scenario's first day; negative during the warm-up."""
        return float(self.env.now)

    def after(self, delay: float, then: Callable[..., None], *about: object) -> None:
        """Call `then` with what it is about once `delay` days have passed; at once where none are left."""
        event = self.env.timeout(max(0.0, delay), value=about)
        assert event.callbacks is not None
        event.callbacks.append(lambda _: then(*about))
