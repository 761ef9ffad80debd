"""The grid of X and c: the best, and the range of each that fits nearly as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from benchmarks.precedents.flows import FITTED, Paths, mean_error
from benchmarks.precedents.rule import Fitted
from benchmarks.precedents.worlds import Regime, regimes

DRAWS = 12
"""For each point, so that luck does not decide between two of them."""
FIRST_DAYS = tuple(range(40, 181, 10))
COVERS = tuple(n / 10 for n in range(2, 15))
FINER_DAYS, FINER_COVER = 5, 0.05
"""Half a step of the grid, tried around its best point"""
NEARLY = 0.03
"""Mean error above the best that still counts as fitting"""


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
        """Least and most of X among them."""
        return _ends(point.fitted.first_days for point in self.near)

    @property
    def covers(self) -> tuple[float, float]:
        """Least and most of c among them."""
        return _ends(point.fitted.cover for point in self.near)

    @property
    def central(self) -> Fitted:
        """The middle of each range."""
        return Fitted(sum(self.first_days) / 2, sum(self.covers) / 2)


def _ends(values: Iterable[float]) -> tuple[float, float]:
    every = list(values)
    return min(every), max(every)


def points(rules: Sequence[Fitted], metals: Sequence[str] = FITTED) -> list[Point]:
    """Each rule in the worlds of the metals."""
    by_metal = {metal: regimes(metal, rules, DRAWS) for metal in metals}
    return [
        Point(rule, {metal: own[at] for metal, own in by_metal.items()})
        for at, rule in enumerate(rules)
    ]


def search() -> Found:
    """The grid, and a finer one around its best point."""
    coarse = points([Fitted(float(days), cover) for days in FIRST_DAYS for cover in COVERS])
    middle = Found(tuple(coarse)).best.fitted
    known = {point.fitted for point in coarse}
    around = [
        Fitted(middle.first_days + i * FINER_DAYS, round(middle.cover + j * FINER_COVER, 2))
        for i in (-1, 0, 1) for j in (-1, 0, 1)
    ]  # fmt: skip
    finer = [rule for rule in around if rule not in known]
    return Found((*coarse, *points(finer)))
