"""Permits: tonnes that the licences of cases cover, and what has left under them.

An agent grants, in a series of licences for each case; what leaves is counted here, stretch by stretch, beside
the rooms of quotas. When what was left of earlier licences has lapsed, a new series begins at nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Licensed:
    """What the licences of a lever cover, as long as nothing changes."""

    case: IntArray
    """[line] number of the case, -1 where no tonnage counts"""
    series: IntArray
    """[case] number of its series"""
    granted_t: FloatArray
    """[case] of all licences of the series"""
    counts: BoolArray = field(init=False)
    """[line] whether a tonnage counts"""
    lines: IntArray = field(init=False)
    """Those on which one does"""
    number: IntArray = field(init=False)
    """[these] case"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", self.case >= 0)
        object.__setattr__(self, "lines", np.flatnonzero(self.counts))
        object.__setattr__(self, "number", self.case[self.lines])


def differ(
    some: Sequence[tuple[str, Licensed]], others: Sequence[tuple[str, Licensed]], lines: int
) -> BoolArray:
    """[line] whether another case, or another tonnage of it, counts on a line."""
    changes = np.zeros(lines, dtype=np.bool_)
    before, after = dict(some), dict(others)
    for lever in before.keys() | after.keys():
        one, other = before.get(lever), after.get(lever)
        if one is None or other is None:
            there = one or other
            assert there is not None
            changes |= there.case >= 0
        elif one is not other:
            n = min(len(one.series), len(other.series))
            same = np.zeros(max(len(one.series), len(other.series)), dtype=np.bool_)
            same[:n] = (one.series[:n] == other.series[:n]) & (
                one.granted_t[:n] == other.granted_t[:n]
            )
            either = np.maximum(one.case, other.case)
            changes |= (one.case != other.case) | ((either >= 0) & ~same[either])
    return changes


@dataclass(slots=True)
class Permit:
    """What has left under the licences of one lever."""

    series: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    """[case] of which `used_t` is"""
    used_t: FloatArray = field(default_factory=lambda: np.zeros(0))
    """[case]"""

    def share(self, wanted_t: FloatArray, licensed: Licensed) -> FloatArray:
        """[line on which a tonnage counts] part of what is wanted that licences cover, pro rata."""
        self._turn_to(licensed)
        n = len(licensed.series)
        total_t = sum_by(licensed.number, weights=wanted_t[licensed.lines], minlength=n)
        # Of an earlier series, which comes up when a review is looked through again, nothing is left.
        left_t = np.where(
            licensed.series == self.series[:n], licensed.granted_t - self.used_t[:n], 0.0
        )
        able_t = np.minimum(np.maximum(0.0, left_t), total_t)
        part = np.divide(able_t, total_t, out=np.ones(n), where=total_t > 0)
        return part[licensed.number]

    def draw_down(self, taken_t: FloatArray, licensed: Licensed) -> None:
        """Count what leaves [line]."""
        n = len(licensed.series)
        self.used_t[:n] += sum_by(licensed.number, weights=taken_t[licensed.lines], minlength=n)

    def _turn_to(self, licensed: Licensed) -> None:
        more = len(licensed.series) - len(self.series)
        if more > 0:
            self.series = np.concatenate([self.series, licensed.series[-more:]])
            self.used_t = np.concatenate([self.used_t, np.zeros(more)])
        n = len(licensed.series)
        newer = licensed.series > self.series[:n]
        if newer.any():
            self.series[:n][newer] = licensed.series[newer]
            self.used_t[:n][newer] = 0.0
