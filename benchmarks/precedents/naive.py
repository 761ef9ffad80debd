"""Lines without a model beside the model, and the best that any one path for both metals can reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from math import fsum

import numpy as np
import numpy.typing as npt

from benchmarks.precedents import tables
from benchmarks.precedents.flows import FITTED, Path, Paths, Seen, observed
from sim.agents.licence_desk import working_days_later
from sim.world.world import Holidays

FloatArray = npt.NDArray[np.float64]
FINE = 0.02
"""Step of the values that are tried for the best common path, parts of the exports before"""
MOST = 2.4
"""More than was ever observed"""


def lines(metals: Sequence[str], holidays: Holidays | None) -> Iterator[tuple[str, Paths]]:
    """Name and paths of each line."""
    rules: dict[str, Callable[[date, date], float]] = {
        "no change": lambda day, since: 1.0,
        "nothing": lambda day, since: 0.0,
        "all back after 45 working days": _back_after(tables.review_days(), holidays),
        "nothing for three months, then half": lambda day, since: (
            0.5 * (day >= _months_later(since, 3))
        ),
    }
    for name, on_day in rules.items():
        yield name, {metal: path_of(metal, on_day) for metal in metals}


def _back_after(working: float, holidays: Holidays | None) -> Callable[[date, date], float]:
    def on_day(day: date, since: date) -> float:
        return float((day - since).days >= working_days_later(since, working, holidays))

    return on_day


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)


def path_of(metal: str, on_day: Callable[[date, date], float]) -> Path:
    """By month the mean of what a line says of each day, given the day on which the rule came into force."""
    since = date.fromisoformat(tables.in_force(metal))
    months = sorted({month for seen in observed(metal) for month in seen.months})
    return {month: fsum(on_day(day, since) for day in days) / len(days)
            for month in months if (days := list(_days(month)))}  # fmt: skip


def _days(month: str) -> Iterator[date]:
    day = date.fromisoformat(f"{month}-01")
    name = day.month
    while day.month == name:
        yield day
        day += timedelta(days=1)


def best_common_path() -> Path:
    """One path for both metals, whose rules came into force on the same day, with the least mean error.

    Months that an observation joins are looked for together, on a grid that holds each value observed; months
    that are always seen together have one value, which loses nothing.
    """
    assert len({tables.in_force(metal) for metal in FITTED}) == 1
    seen = [each for metal in FITTED for each in observed(metal)]
    path: dict[str, float] = {}
    for joined in _joined(seen):
        path |= _best_values(joined)
    return dict(sorted(path.items()))


def _joined(seen: Sequence[Seen]) -> Iterator[list[Seen]]:
    """Observations that share months, with those that share months with these."""
    left = list(seen)
    while left:
        found, months = [left.pop(0)], set[str]()
        while months != (months := {month for each in found for month in each.months}):
            found += [each for each in left if not months.isdisjoint(each.months)]
            left = [each for each in left if each not in found]
        yield found


def _best_values(seen: Sequence[Seen]) -> Mapping[str, float]:
    """The values of their months with the least sum of errors, tried one and all."""
    blocks: dict[tuple[bool, ...], list[str]] = {}
    for month in sorted({month for each in seen for month in each.months}):
        blocks.setdefault(tuple(month in each.months for each in seen), []).append(month)
    values = np.unique([*np.arange(0.0, MOST, FINE), *(each.flow for each in seen)])
    grid: tuple[FloatArray, ...] = np.meshgrid(*[values] * len(blocks), indexing="ij", sparse=True)
    total = sum((_errors(each, blocks, grid) for each in seen), np.zeros(()))
    best = np.unravel_index(int(np.argmin(total)), total.shape)
    return {
        month: float(values[at]) for at, months in zip(best, blocks.values(), strict=True)
        for month in months
    }  # fmt: skip


def _errors(
    seen: Seen, blocks: Mapping[tuple[bool, ...], Sequence[str]], grid: Sequence[FloatArray]
) -> FloatArray:
    """Of one observation, for every choice of values."""
    parts = [
        values * len(months) for values, months in zip(grid, blocks.values(), strict=True)
        if months[0] in seen.months
    ]  # fmt: skip
    mean = sum(parts, np.zeros(())) / len(seen.months)
    return np.abs(np.log1p(mean) - np.log1p(seen.flow))
