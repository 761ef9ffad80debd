"""The grids of X and c: the best, and the range of each that fits nearly as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import fsum

import numpy as np

from benchmarks.precedents.flows import FITTED, Paths, mean_error
from benchmarks.precedents.rule import Fitted
from benchmarks.precedents.worlds import ASSUMED, Assumed, Regime, regimes

DRAWS = 12
"""For each point, so that luck does not decide alone between two of them."""
OTHER_SETS = 4
"""Of as many other draws, for what was chosen"""
FIRST_DAYS = tuple(range(40, 201, 10))
COVERS = tuple(n / 10 for n in range(2, 15))
NEARLY = 0.03
"""Mean error above the best that still counts as fitting"""


@dataclass(frozen=True, slots=True)
class Grid:
    """Values of X and c that are tried, in even steps; half a step farther around the best of them."""

    first_days: Sequence[int]
    covers: Sequence[float]

    @property
    def rules(self) -> list[Fitted]:
        """Each pair."""
        return [Fitted(float(days), cover) for days in self.first_days for cover in self.covers]

    def finer(self, best: Fitted) -> list[Fitted]:
        """Pairs around the best, those of the grid left out."""
        days, cover = ((each[1] - each[0]) / 2 for each in (self.first_days, self.covers))
        around = [
            Fitted(best.first_days + i * days, round(best.cover + j * cover, 2))
            for i in (-1, 0, 1) for j in (-1, 0, 1)
        ]  # fmt: skip
        return [rule for rule in around if rule not in self.rules]


FINE = Grid(FIRST_DAYS, COVERS)
COARSE = Grid(FIRST_DAYS[::2], COVERS[1::2])
"""Every second value: where something else is assumed of the office"""


@dataclass(frozen=True, slots=True)
class Point:
    """A pair of values and what comes of it."""

    fitted: Fitted
    regimes: Mapping[str, Regime]
    """Metal -> what the rule did there"""

    @property
    def paths(self) -> Paths:
        """Metal -> month -> exports as a part of those before."""
        return {metal: regime.flows for metal, regime in self.regimes.items()}

    @property
    def error(self) -> float:
        """Over all observations of all its metals."""
        return mean_error(self.paths)

    @property
    def first_days(self) -> float:
        """X as it came out, mean of the metals, d."""
        return fsum(each.first_days for each in self.regimes.values()) / len(self.regimes)

    @property
    def cover(self) -> float:
        """c as it came out: the office may take longer than the rule lets it."""
        return fsum(each.cover for each in self.regimes.values()) / len(self.regimes)


@dataclass(frozen=True, slots=True)
class Found:
    """What the grid says."""

    points: tuple[Point, ...]

    @property
    def best(self) -> Point:
        """The least mean error."""
        return min(self.points, key=lambda point: (point.error, point.fitted))

    @property
    def near(self) -> tuple[Point, ...]:
        """All that fit nearly as well."""
        most = self.best.error + NEARLY
        return tuple(point for point in self.points if point.error <= most)

    @property
    def first_days(self) -> tuple[float, float]:
        """Least and most of X among them, as it came out, d."""
        return _ends(point.first_days for point in self.near)

    @property
    def covers(self) -> tuple[float, float]:
        """Least and most of c among them, as it came out.

        What a rule would let an office cover, and the office has no time for, is no other rule.
        """
        return _ends(point.cover for point in self.near)

    @property
    def central(self) -> Fitted:
        """The middle of each range; X as it must be meant to come out so."""
        middle, cover = sum(self.first_days) / 2, round(sum(self.covers) / 2, 2)
        nearest = min(COVERS, key=lambda each: abs(each - cover))
        column = sorted(point.fitted for point in self.points if point.fitted.cover == nearest)
        came_out = {point.fitted: point.first_days for point in self.points}
        meant = np.interp(
            middle, [came_out[each] for each in column], [each.first_days for each in column]
        )
        return Fitted(round(float(meant), 1), cover)


def _ends(values: Iterable[float]) -> tuple[float, float]:
    every = list(values)
    return min(every), max(every)


def points(
    rules: Sequence[Fitted],
    metals: Sequence[str] = FITTED,
    assumed: Assumed = ASSUMED,
    draws: Sequence[int] = range(1, DRAWS + 1),
) -> list[Point]:
    """Each rule in the worlds of the metals."""
    return _points(rules, metals, map(_in_worlds(rules, assumed, draws), metals))


def with_other_draws(fitted: Fitted, assumed: Assumed = ASSUMED) -> tuple[float, ...]:
    """Mean errors with other draws, as many at a time: a best that luck has chosen is not as good there."""
    sets = [range(1 + n * DRAWS, 1 + (n + 1) * DRAWS) for n in range(1, 1 + OTHER_SETS)]
    with ProcessPoolExecutor(len(FITTED)) as executor:
        return tuple(executor.map(partial(_error, fitted, assumed), sets))


def _error(fitted: Fitted, assumed: Assumed, draws: Sequence[int]) -> float:
    return points([fitted], assumed=assumed, draws=draws)[0].error


def _in_worlds(
    rules: Sequence[Fitted], assumed: Assumed, draws: Sequence[int] = range(1, DRAWS + 1)
) -> Callable[[str], list[Regime]]:
    return partial(regimes, rules=rules, draws=draws, assumed=assumed)


def _points(
    rules: Sequence[Fitted], metals: Sequence[str], found: Iterable[Sequence[Regime]]
) -> list[Point]:
    by_rule = zip(*found, strict=True)
    return [
        Point(rule, dict(zip(metals, own, strict=True)))
        for rule, own in zip(rules, by_rule, strict=True)
    ]


def search(grid: Grid = FINE, assumed: Assumed = ASSUMED) -> Found:
    """The grid, and a finer one around its best point; each metal in a process of its own."""
    with ProcessPoolExecutor(len(FITTED)) as executor:

        def tried(rules: Sequence[Fitted]) -> list[Point]:
            return _points(rules, FITTED, executor.map(_in_worlds(rules, assumed), FITTED))

        known = tried(grid.rules)
        finer = grid.finer(Found(tuple(known)).best.fitted)
        return Found((*known, *tried(finer)))
