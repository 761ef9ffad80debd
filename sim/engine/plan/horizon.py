"""The plan's time grid, and looking along it: a stage must know what is needed when its goods are used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.engine.plan.rates import FloatArray
from sim.rules.behaviour import Behaviour
from sim.words.quantities import DAYS_PER_CALENDAR_YEAR

GRID_DAYS = 7.0
"""Step of the plan's time grid: a first output is blurred by no more than a week."""
TAIL_DAYS = 1100.0
"""How far beyond the end the plan looks, longer than any chain lead time."""


def flat_until(starts: date, base_year: int, behaviour: Behaviour) -> float:
    """Day up to which the world stands still at the level of that day: the warm-up's last.

    Where growth has its limits, a world that stands still at a later level would use up its stocks for as long
    as it is warmed up. So it stands still in the middle of the base year, and grows from then on.
    """
    if behaviour.limits is None:
        return 0.0
    return float(min(0, (date(base_year, 7, 1) - starts).days))


@dataclass(frozen=True, slots=True)
class Horizon:
    """The times for which the plan has rates; all arrays are [time], flat up to a first day."""

    starts: date
    """The scenario's first day"""
    days: FloatArray
    """Days from it"""
    years: FloatArray
    """Years since the middle of the base year"""
    dates: FloatArray
    """Calendar years with their fractions"""

    @classmethod
    def of(
        cls, starts: date, first_day: float, last_day: float, base_year: int, behaviour: Behaviour
    ) -> Horizon:
        """From the first day of the warm-up to well beyond the last day."""
        days = np.arange(first_day, last_day + TAIL_DAYS + GRID_DAYS, GRID_DAYS)
        flat = np.maximum(days, flat_until(starts, base_year, behaviour))
        years = (flat + (starts - date(base_year, 7, 1)).days) / DAYS_PER_CALENDAR_YEAR
        dates = (
            starts.year + ((starts - date(starts.year, 1, 1)).days + flat) / DAYS_PER_CALENDAR_YEAR
        )
        return cls(starts, days, years, dates)

    def since(self, day: date) -> FloatArray:
        """[time] days since a date."""
        return self.days - float((day - self.starts).days)

    def zeros(self) -> FloatArray:
        """[time] nothing."""
        return np.zeros_like(self.days)

    def ones(self) -> FloatArray:
        """[time] all of it."""
        return np.ones_like(self.days)

    def total(self, paths: Iterable[FloatArray]) -> FloatArray:
        """[time] sum of paths, which may be none."""
        return sum(paths, self.zeros())

    def later(self, path: FloatArray, lag_days: float) -> FloatArray:
        """The value the path will have `lag_days` later."""
        return np.interp(self.days + lag_days, self.days, path)

    def earlier(self, path: FloatArray, lag_days: float) -> FloatArray:
        """The value the path had `lag_days` earlier."""
        return np.interp(self.days - lag_days, self.days, path)
